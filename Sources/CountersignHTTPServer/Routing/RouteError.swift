/// A list of routes that makes no router.
package struct RouteError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The pattern at fault.
    package let pattern: String
    /// What is wrong with it.
    package let reason: String

    package var description: String {
        "the route \(pattern) cannot be used: \(reason)"
    }
}
