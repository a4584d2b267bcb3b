package import CountersignJSON
import CountersignPolicy

/// A domain as the control plane tells it to routers, so that what others register on its hosts is bound by its rules.
package struct ControlledDomain: Sendable, Hashable {
    /// The name in lower case.
    package let name: String
    /// Whether only callers that a policy names are let through.
    package let enforcesPolicies: Bool
    /// Whether it is resolved inside a platform only.
    package let isInternal: Bool

    package init(name: String, enforcesPolicies: Bool, isInternal: Bool = false) {
        self.name = name
        self.enforcesPolicies = enforcesPolicies
        self.isInternal = isInternal
    }

    /// Makes the domain from its record.
    package init(_ record: DomainRecord) {
        self.init(name: record.name, enforcesPolicies: record.enforcesPolicies, isInternal: record.isInternal)
    }
}

extension ControlledDomain {
    /// The domain as a document.
    package var document: JSONValue {
        .object([
            .init("name", .string(name)), .init("enforce_route_policies", .bool(enforcesPolicies)),
            .init("internal", .bool(isInternal)),
        ])
    }

    /// Reads a domain that ``document`` has made.
    ///
    /// - Throws: `JSONError` for what it cannot have made.
    package init(reading object: JSONObject) throws(JSONError) {
        guard let enforces = try object.bool("enforce_route_policies") else {
            throw JSONError(at: "$.domain.enforce_route_policies", "true or false is expected")
        }
        self.init(
            name: try object.requiredString("name"),
            enforcesPolicies: enforces,
            isInternal: try object.bool("internal") ?? false
        )
    }
}
