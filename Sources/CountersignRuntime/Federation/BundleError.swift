/// Why a federated bundle was not taken.
package struct BundleError: Error, Sendable, CustomStringConvertible {
    /// One sentence for the operator.
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
