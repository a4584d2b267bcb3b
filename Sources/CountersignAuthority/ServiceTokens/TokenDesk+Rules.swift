import CountersignIdentity
import CountersignIssuance
import CountersignPKI

/// What may be in a token.
extension TokenDesk {
    /// The lifetime of a token, in seconds.
    ///
    /// - Throws: ``AuthorityError`` with `malformedRequest` for one out of the bounds.
    func lifetime(_ order: TokenOrder) throws(AuthorityError) -> Int64 {
        let lifetime = order.lifetimeSeconds ?? settings.lifetimeSeconds
        guard (1...settings.maximumLifetimeSeconds).contains(lifetime) else {
            throw AuthorityError(
                .malformedRequest,
                "$.ttl_seconds: expected 1 to \(settings.maximumLifetimeSeconds) seconds"
            )
        }
        return lifetime
    }

    /// - Throws: ``AuthorityError`` with `forbidden` for an audience that is not the service's.
    func checkAudiences(_ audiences: [String], _ service: ServiceRegistration) throws(AuthorityError) {
        let allowed = service.tokens.audiences + settings.audiences
        for audience in audiences where !allowed.contains(audience) {
            throw AuthorityError(
                .forbidden,
                "'\(service.name)' has no tokens for '\(audience)'; it is registered for \(Self.list(allowed))"
            )
        }
    }

    /// The wanted roles or scopes; all that the service has where none are named.
    ///
    /// - Throws: ``AuthorityError`` with `forbidden` for one that it has not.
    func granted(
        _ wanted: [String]?,
        of own: [String],
        _ kind: String,
        _ service: ServiceRegistration
    ) throws(AuthorityError) -> [String] {
        guard let wanted else { return own }
        for value in wanted where !own.contains(value) {
            throw AuthorityError(
                .forbidden,
                "'\(service.name)' has not the \(kind) '\(PrintableText.escaped(String(value.prefix(64))))'; it has \(Self.list(own))"
            )
        }
        return own.filter(wanted.contains)
    }

    /// The service whose SVID the caller wants.
    ///
    /// - Throws: ``AuthorityError`` with `malformedRequest` or `forbidden`.
    func holder(_ order: TokenOrder, _ caller: Caller, _ peer: VerifiedPeer) throws(AuthorityError) -> String {
        if case .agent(let name) = caller.identity {
            guard let service = order.service else {
                throw AuthorityError(.malformedRequest, "$.service: an agent has to say whose SVID it wants")
            }
            guard engine.registry.agents[name]?.services.contains(service) ?? false else {
                throw AuthorityError(.forbidden, "\(caller.name) may not have SVIDs of '\(service.prefix(128))'")
            }
            return service
        }
        guard let id = peer.identity.spiffeID, let service = engine.registry.service(withID: id) else {
            throw AuthorityError(.forbidden, "\(caller.name) is no registered service, and has no SVIDs")
        }
        guard order.service == nil || order.service == service.name else {
            throw AuthorityError(.forbidden, "\(caller.name) may not have SVIDs of another service")
        }
        return service.name
    }

    private static func list(_ values: [String]) -> String {
        values.isEmpty ? "none" : values.joined(separator: ", ")
    }
}
