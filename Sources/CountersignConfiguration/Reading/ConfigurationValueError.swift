/// Why a text is not a value of the configuration.
struct ConfigurationValueError: Error, Sendable {
    /// What is wrong and what would be right.
    let message: String

    init(_ message: String) {
        self.message = message
    }
}
