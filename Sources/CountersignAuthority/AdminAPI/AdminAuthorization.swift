package import CountersignHTTPServer
import CountersignIdentity
import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import CountersignTransport

/// What a call of the admin API needs of its caller.
package enum AdminPermission {
    /// Reading: auditors, operators and administrators.
    case read
    /// Rotating and revoking: operators and administrators; a service, where its own certificates are meant.
    case operate(service: String?)
    /// Changing services, agents and tokens: administrators.
    case administer
}

extension AuthorityEngine {
    /// The caller of an admin call, by certificate or bearer token, if it may make it; every refusal is audited, up to the
    /// rate of failed attempts.
    ///
    /// - Throws: ``AuthorityError`` with `unauthenticated`, `rateLimited` or `forbidden`.
    package func administrator(
        _ request: ServerRequest,
        for permission: AdminPermission
    ) throws(AuthorityError) -> Caller {
        var caller = Caller(.anonymous, address: request.remote.host)
        do throws(AuthorityError) {
            caller = try self.caller(of: request)
            guard permission.isGranted(to: caller) else {
                throw AuthorityError(.forbidden, "\(caller.name) has not the role that this call needs")
            }
            return caller
        } catch {
            metrics.authenticationFailures.child(error.code.rawValue).add()
            // The trail is not for a stranger to fill.
            if error.code == .rateLimited { throw error }
            let target = "\(request.methodText) \(request.path)"
            audit("api.call", target: target, by: caller, outcome: .refused, detail: error.message)
            throw error
        }
    }

    private func caller(of request: ServerRequest) throws(AuthorityError) -> Caller {
        let address = request.remote.host
        if let value = request.field("Authorization") {
            let parts = value.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "bearer" else {
                throw failedAttempt(
                    address,
                    AuthorityError(.unauthenticated, "the Authorization field has to be 'Bearer' and a token")
                )
            }
            // The listener has metrics as well, and is opened to the network for them.
            guard request.connection.isTLS || IPAddress(Array(address.utf8).span)?.isLoopback ?? false else {
                throw failedAttempt(
                    address,
                    AuthorityError(
                        .unauthenticated,
                        "bearer tokens are for this host or TLS (authority.listen); consider this one known"
                    )
                )
            }
            return try administrator(bearing: TokenSecret(shown: String(parts[1])), address: address)
        }
        if let peer = request.peer { return try caller(peer, address: address) }
        throw failedAttempt(
            address,
            AuthorityError(.unauthenticated, "this call needs a bearer token or a client certificate")
        )
    }
}

extension AdminPermission {
    fileprivate func isGranted(to caller: Caller) -> Bool {
        switch (self, caller.identity) {
        case (.read, .administrator(_, let role)): role != .service
        case (.operate, .administrator(_, let role)): role == .admin || role == .operator
        case (.operate(let service?), .service(let name)): service == name
        case (.administer, .administrator(_, let role)): role == .admin
        default: false
        }
    }
}
