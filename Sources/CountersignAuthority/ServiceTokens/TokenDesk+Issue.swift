import CountersignIdentity
import CountersignIssuance
import CountersignJSON
package import CountersignPKI
import CountersignTelemetry
import CountersignTokens

extension TokenDesk {
    /// Issues a service token to the holder of a certificate, bound to it.
    ///
    /// It is handed out after the audit trail has it on disk.
    package func issue(
        _ order: TokenOrder,
        to peer: VerifiedPeer,
        address: String?,
        completion: @escaping AuthorityEngine.Completion<IssuedToken>
    ) {
        issue(.service, order, peer, address, completion) { caller throws(AuthorityError) in
            guard let id = peer.identity.spiffeID, let service = engine.registry.service(withID: id) else {
                throw AuthorityError(.forbidden, "\(caller.name) is no registered service, and has no service tokens")
            }
            let roles = try granted(order.roles, of: service.tokens.roles, "role", service)
            let scopes = try granted(order.scopes, of: service.tokens.scopes, "scope", service)
            try checkAudiences(order.audiences, service)
            guard let binding = CertificateBinding(certificateSHA256: peer.sha256) else {
                throw AuthorityError(.unauthenticated, "the certificate has no digest")
            }
            let now = engine.clock.now()
            let claims = ServiceTokenClaims(
                issuer: settings.issuer,
                serviceID: service.name,
                subject: service.spiffeID,
                audiences: order.audiences,
                roles: roles,
                scopes: scopes,
                issuedAt: now,
                // Without its certificate a token is of no use.
                expiresAt: min(now + (try lifetime(order)), peer.notAfter),
                tokenID: Self.newTokenID(),
                binding: binding
            )
            return Draft(
                service: service,
                claims: claims.json,
                issuedAt: now,
                expiresAt: claims.expiresAt,
                facts: [
                    .init("token_type", .string("Bearer")),
                    .init("roles", .strings(roles)), .init("scopes", .strings(scopes)),
                ],
                trail: "jti=\(claims.tokenID)"
            )
        }
    }

    /// Issues a JWT-SVID: to a service for itself, to an agent for a service that is its own.
    ///
    /// An SVID says who somebody is and gives no right, so that it may be for anybody.
    package func issueSVID(
        _ order: TokenOrder,
        to peer: VerifiedPeer,
        address: String?,
        completion: @escaping AuthorityEngine.Completion<IssuedToken>
    ) {
        issue(.svid, order, peer, address, completion) { caller throws(AuthorityError) in
            let service = try engine.service(try holder(order, caller, peer))
            let now = engine.clock.now()
            let claims = JWTSVIDClaims(
                subject: service.spiffeID,
                audiences: order.audiences,
                issuedAt: now,
                expiresAt: now + (try lifetime(order))
            )
            return Draft(
                service: service,
                claims: claims.json,
                issuedAt: now,
                expiresAt: claims.expiresAt,
                facts: [],
                trail: ""
            )
        }
    }

    /// What is about to be signed.
    private struct Draft: Sendable {
        let service: ServiceRegistration
        let claims: JSONValue
        let issuedAt: Int64
        let expiresAt: Int64
        let facts: [JSONValue.Member]
        let trail: String
    }

    private func issue(
        _ kind: TokenKind,
        _ order: TokenOrder,
        _ peer: VerifiedPeer,
        _ address: String?,
        _ completion: @escaping AuthorityEngine.Completion<IssuedToken>,
        _ draft: (Caller) throws(AuthorityError) -> Draft
    ) {
        var caller = Caller(.anonymous, address: address)
        do throws(AuthorityError) {
            caller = try engine.caller(peer, address: address)
            guard limiter.admit(caller.name, at: engine.clock.monotonic()) else {
                throw AuthorityError(.rateLimited, "\(caller.name) asks for tokens too often; try again in a second")
            }
            let draft = try draft(caller)
            let token = try sign(draft, kind, order)
            record(token, draft, kind, order, peer, caller, completion)
        } catch {
            refuse(kind, order, caller, error)
            completion(.failure(error))
        }
    }

    private func sign(_ draft: Draft, _ kind: TokenKind, _ order: TokenOrder) throws(AuthorityError) -> IssuedToken {
        let key = try signer()
        do throws(PKIError) {
            return IssuedToken(
                token: try key.token(draft.claims, kind: kind),
                issuedAt: draft.issuedAt,
                expiresAt: draft.expiresAt,
                facts: [
                    .init("service", .string(draft.service.name)),
                    .init("spiffe_id", .string(draft.service.spiffeID.description)),
                    .init("audiences", .strings(order.audiences)),
                ] + draft.facts
            )
        } catch {
            throw AuthorityError(error)
        }
    }

    private func record(
        _ token: IssuedToken,
        _ draft: Draft,
        _ kind: TokenKind,
        _ order: TokenOrder,
        _ peer: VerifiedPeer,
        _ caller: Caller,
        _ completion: @escaping AuthorityEngine.Completion<IssuedToken>
    ) {
        let lifetime = "ttl=\(draft.expiresAt - draft.issuedAt)s"
        let audiences = "for \(order.audiences.joined(separator: ", "))"
        let line = engine.auditRecord(
            Self.action(kind),
            target: draft.service.name,
            by: caller,
            outcome: .done,
            detail: [audiences, lifetime, draft.trail].filter { !$0.isEmpty }.joined(separator: "; ")
        )
        engine.store.commit(StoreTransaction([.audit(line)])) { [self] result in
            do throws(AuthorityError) {
                if case .failure(let error) = result { throw AuthorityError(error) }
                // What was revoked or removed while the trail was written has no token either.
                _ = try engine.caller(peer, address: caller.address)
                _ = try engine.service(draft.service.name)
                engine.metrics.tokens.child(kind.rawValue, "success").add()
                completion(.success(token))
            } catch {
                refuse(kind, order, caller, error)
                completion(.failure(error))
            }
        }
    }

    private func refuse(_ kind: TokenKind, _ order: TokenOrder, _ caller: Caller, _ error: AuthorityError) {
        let isRefusal = error.code.isRefusal
        engine.metrics.tokens.child(kind.rawValue, isRefusal ? "refused" : "failure").add()
        // The trail is not for somebody in a loop to fill.
        guard error.code != .rateLimited else { return }
        engine.audit(
            Self.action(kind),
            target: order.service ?? caller.name,
            by: caller,
            outcome: isRefusal ? .refused : .failed,
            detail: error.message
        )
    }

    private static func action(_ kind: TokenKind) -> String {
        kind == .svid ? "jwt-svid.issue" : "service-token.issue"
    }

    private static func newTokenID() -> String {
        var generator = SystemRandomNumberGenerator()
        return Base64.encodeURL((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }
}
