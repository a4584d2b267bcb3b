/// Which part of the product made a decision; the raw value is the member `source`.
package enum AuditSource: String, Sendable, Hashable, CaseIterable {
    /// `countersign authz`.
    case authz
    /// A service in Swift, by its middleware.
    case service
}
