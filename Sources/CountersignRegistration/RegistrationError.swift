/// Why a message about routes is not acted upon.
package struct RegistrationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure, fit for a metric label.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// It is not the JSON that is wanted.
        case malformed
        /// It wants requests to pass a service first, which this router does not do.
        case routeService = "route_service"
    }

    /// The kind of failure.
    package let code: Code
    /// What is wrong, where, and what would be right.
    package let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
