package import CountersignPolicy

/// A domain that routes are made on.
package struct DomainRecord: Sendable, Hashable {
    /// Identity and times.
    package var header: RecordHeader
    /// The name in lower case.
    package let name: String
    /// Whether it is resolved inside a platform only; no policies can be set on its routes then.
    package let isInternal: Bool
    /// The scope of its routes' policies; nil when it enforces none.
    ///
    /// It never changes: owners of routes rely on it.
    package let policyScope: RoutePolicyScope?
    /// What people note about it.
    package var metadata: RecordMetadata

    package init(
        header: RecordHeader,
        name: String,
        isInternal: Bool,
        policyScope: RoutePolicyScope?,
        metadata: RecordMetadata = RecordMetadata()
    ) {
        self.header = header
        self.name = name
        self.isInternal = isInternal
        self.policyScope = policyScope
        self.metadata = metadata
    }

    /// Whether only callers that a policy names are let through.
    package var enforcesPolicies: Bool { policyScope != nil }
}
