package import CountersignControlModel
import CountersignIdentity
package import CountersignPolicy

/// A domain that is to be made.
package struct DomainDraft: Sendable {
    /// The name as it was given.
    package var name: String
    /// Whether it is resolved inside a platform only.
    package var isInternal = false
    /// The scope of its policies; nil when it enforces none.
    package var policyScope: RoutePolicyScope?
    /// What people note about it.
    package var metadata = RecordMetadata()

    package init(name: String) {
        self.name = name
    }
}

extension ControlEngine {
    /// Makes a domain.
    package func create(
        _ draft: DomainDraft,
        by caller: ControlCaller,
        completion: @escaping Completion<DomainRecord>
    ) {
        change("domain.create", by: caller) { context throws(ControlError) in
            try Self.edit(creating: draft, context)
        } completion: {
            completion($0)
        }
    }

    /// Removes a domain with its routes and their policies.
    package func deleteDomain(_ guid: String, by caller: ControlCaller, completion: @escaping Completion<Void>) {
        change("domain.delete", by: caller) { context throws(ControlError) in
            guard let domain = context.state.domains[guid] else { throw .notFound("Domain not found") }
            let routes = context.state.routes.values.filter { $0.domain == guid }.map(\.header.guid)
            let policies = routes.flatMap { context.state.policyGUIDs(of: $0) }
            let deletes =
                policies.map { ControlRecord.Key(.policy, $0) } + routes.map { ControlRecord.Key(.route, $0) }
                + [ControlRecord.Key(.domain, guid)]
            return ControlEdit(
                deletes: deletes,
                target: domain.name,
                detail: "with \(routes.count) routes and \(policies.count) policies",
                value: ()
            )
        } completion: {
            completion($0)
        }
    }

    /// Changes what people note about a domain.
    package func annotate(
        domain guid: String,
        _ change: MetadataChange,
        by caller: ControlCaller,
        completion: @escaping Completion<DomainRecord>
    ) {
        self.change("domain.update", by: caller) { context throws(ControlError) in
            guard let domain = context.state.domains[guid] else { throw .notFound("Domain not found") }
            return try Self.edit(domain, change, context)
        } completion: {
            completion($0)
        }
    }

    /// What making a domain comes to.
    static func edit(
        creating draft: DomainDraft,
        _ context: EditContext
    ) throws(ControlError) -> ControlEdit<DomainRecord> {
        let name: HostName
        do throws(IdentityError) {
            name = try HostName(parsing: draft.name)
        } catch {
            throw .unprocessable("Name is not a domain: \(error.message)")
        }
        guard IPAddress(Array(name.description.utf8).span) == nil else {
            throw .unprocessable("Name is an IP address; a domain has a name")
        }
        if draft.isInternal, draft.policyScope != nil {
            throw .unprocessable("Internal domains cannot enforce route policies: no router is in front of them")
        }
        guard context.state.domain(named: name.description) == nil else {
            throw .notUnique("The domain name \"\(name)\" is already in use")
        }
        let domain = DomainRecord(
            header: context.header(),
            name: name.description,
            isInternal: draft.isInternal,
            policyScope: draft.policyScope,
            metadata: draft.metadata
        )
        return ControlEdit(
            puts: [.domain(domain)],
            target: domain.name,
            detail: domain.policyScope.map { "enforces route policies with the scope \($0.rawValue)" } ?? "",
            value: domain
        )
    }

    /// What other notes of a domain come to.
    static func edit(
        _ domain: DomainRecord,
        _ change: MetadataChange,
        _ context: EditContext
    ) throws(ControlError) -> ControlEdit<DomainRecord> {
        var domain = domain
        domain.metadata = try change.applied(to: domain.metadata)
        domain.header.updatedAt = context.now
        return ControlEdit(puts: [.domain(domain)], target: domain.name, value: domain)
    }
}
