import CountersignHTTPServer
import CountersignIdentity
import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import CountersignTransport

/// Finds out who calls the Vault API: a bearer token of the admin API in `X-Vault-Token`, or a client certificate.
struct VaultAuthentication: Sendable {
    let engine: AuthorityEngine

    /// What a call needs of its caller.
    enum Permission {
        /// Nothing but a proof; what the caller may have certificates for, the engine decides.
        case known
        /// Reading: every administrative role.
        case read
        /// Revoking and tidying: operators and administrators.
        case operate
        /// Changing roles, and signing for whatever service a request names: administrators.
        case administer

        fileprivate func isGranted(to caller: Caller) -> Bool {
            guard case .administrator(_, let role) = caller.identity else {
                if case .known = self { return true }
                return false
            }
            return switch self {
            case .known: true
            case .read: role != .service
            case .operate: role == .admin || role == .operator
            case .administer: role == .admin
            }
        }
    }

    /// The caller of a request, if it may make it; every refusal is audited, up to the rate of failed attempts.
    ///
    /// - Throws: ``VaultError`` with status 403, 429 or 503.
    func caller(of request: ServerRequest, for permission: Permission) throws(VaultError) -> Caller {
        var caller = Caller(.anonymous, address: request.remote.host)
        do throws(AuthorityError) {
            caller = try proven(request)
            guard permission.isGranted(to: caller) else {
                throw AuthorityError(.forbidden, "\(caller.name) has not the role that this call needs")
            }
            return caller
        } catch {
            engine.metrics.authenticationFailures.child("vault").add()
            if error.code != .rateLimited {
                let target = "\(request.methodText) \(request.path)"
                engine.audit("vault.call", target: target, by: caller, outcome: .refused, detail: error.message)
            }
            throw VaultError(error)
        }
    }

    /// The token that a request shows.
    func token(of request: ServerRequest) throws(VaultError) -> AccessToken {
        guard let secret = Self.secret(request) else { throw .permissionDenied }
        return try token(secret)
    }

    /// The token with that secret, which has been found good.
    func token(_ secret: TokenSecret) throws(VaultError) -> AccessToken {
        do {
            guard let token = try engine.token(secret) else { throw AuthorityError(.unauthenticated, "no such token") }
            return token
        } catch let error as AuthorityError {
            throw VaultError(error)
        } catch {
            throw VaultError(500, "internal error")
        }
    }

    /// Who shows this secret, whatever the role.
    func bearer(_ secret: TokenSecret, _ request: ServerRequest) throws(AuthorityError) -> Caller {
        let address = request.remote.host
        guard request.connection.isTLS || Self.isLoopback(address) else {
            throw AuthorityError(.unauthenticated, "tokens are for TLS alone; consider this one known")
        }
        return try engine.administrator(bearing: secret, address: address)
    }

    private func proven(_ request: ServerRequest) throws(AuthorityError) -> Caller {
        if let secret = Self.secret(request) { return try bearer(secret, request) }
        let address = request.remote.host
        if let peer = request.peer { return try engine.caller(peer, address: address) }
        throw engine.failedAttempt(address, AuthorityError(.unauthenticated, "no token and no client certificate"))
    }

    private static func secret(_ request: ServerRequest) -> TokenSecret? {
        if let token = request.field("X-Vault-Token"), !token.isEmpty { return TokenSecret(shown: token) }
        guard let value = request.field("Authorization"), value.prefix(7).lowercased() == "bearer " else { return nil }
        return TokenSecret(shown: String(value.dropFirst(7)))
    }

    private static func isLoopback(_ address: String) -> Bool {
        IPAddress(Array(address.utf8).span)?.isLoopback ?? false
    }
}
