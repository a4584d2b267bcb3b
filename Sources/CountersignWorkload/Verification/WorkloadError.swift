/// Why an answer of a Workload API is not used.
package struct WorkloadError: Error, Equatable, Sendable {
    /// One sentence; never with anything secret.
    package let message: String

    /// An error.
    package init(_ message: String) {
        self.message = message
    }
}

extension WorkloadError: CustomStringConvertible {
    package var description: String { message }
}
