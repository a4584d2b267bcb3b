/// Why a text is not a value of the configuration.
package struct ConfigurationValueError: Error, Sendable {
    /// What is wrong and what would be right.
    package let message: String

    init(_ message: String) {
        self.message = message
    }
}
