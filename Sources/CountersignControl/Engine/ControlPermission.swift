/// What a call needs of its caller.
package enum ControlPermission: Sendable, Hashable {
    /// Reading.
    case read
    /// Changing domains, routes, policies and names.
    case change
}
