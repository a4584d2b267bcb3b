import CountersignHTTPServer
import CountersignIdentity
import CountersignIssuance
import CountersignJSON
import CountersignPKI
import CountersignTelemetry
import CountersignTransport

extension VaultSurface {
    /// What clients ask of a Vault before they ask for certificates: whether it works, and what their token is.
    func addSystem(to routes: inout RouteList) {
        routes.get("/v1/sys/health") { _, _ in health() }
        routes.get("/v1/sys/init") { _, _ in VaultEnvelope.json(200, .object([.init("initialized", .bool(true))])) }
        routes.get("/v1/sys/seal-status") { _, _ in
            VaultEnvelope.json(
                200,
                .object([
                    .init("type", .string("none")),
                    .init("initialized", .bool(true)),
                    .init("sealed", .bool(!isReady)),
                    .init("t", .number(0)),
                    .init("n", .number(0)),
                    .init("progress", .number(0)),
                    .init("version", .string(settings.version)),
                ])
            )
        }
        routes.get("/v1/auth/token/lookup-self") { request, _, responder in
            Self.run(responder) { () throws(VaultError) in
                _ = try authentication.caller(of: request, for: .known)
                responder.answer(VaultEnvelope.answer(facts(try authentication.token(of: request))))
            }
        }
        write("/v1/auth/token/renew-self", &routes) { request, _, _ throws(VaultError) in
            _ = try authentication.caller(of: request, for: .known)
            throw VaultError(400, "the token is not renewable; ask for another before it ends")
        }
        write("/v1/auth/approle/login", &routes) { request, _, responder throws(VaultError) in
            try login(request, responder)
        }
    }

    private var isReady: Bool {
        engine.probeStore()
        return engine.availability.failure == nil && (try? engine.store.newestRevocation()) != nil
    }

    /// 200 while the authority can issue; 503, as of a sealed Vault, while its store cannot be read or written.
    private func health() -> ServerResponse {
        let isReady = isReady
        return VaultEnvelope.json(
            isReady ? 200 : 503,
            .object([
                .init("initialized", .bool(true)),
                .init("sealed", .bool(!isReady)),
                .init("standby", .bool(false)),
                .init("performance_standby", .bool(false)),
                .init("replication_performance_mode", .string("disabled")),
                .init("replication_dr_mode", .string("disabled")),
                .init("server_time_utc", .number(engine.clock.now())),
                .init("version", .string(settings.version)),
                .init("cluster_name", .string(engine.settings.trustDomain.name)),
            ])
        )
    }

    /// A login with a token's name as `role_id` and the token itself as `secret_id`, for clients that know no other way.
    private func login(_ request: ServerRequest, _ responder: Responder) throws(VaultError) {
        let parameters = try VaultParameters(request)
        guard let name = try parameters.text("role_id"), let text = try parameters.text("secret_id") else {
            throw VaultError(400, "missing role_id or secret_id")
        }
        let secret = TokenSecret(shown: text)
        do {
            let caller = try authentication.bearer(secret, request)
            guard case .administrator("token/\(name)", let role) = caller.identity else {
                throw AuthorityError(.unauthenticated, "the secret_id is of another role_id")
            }
            let token = try authentication.token(secret)
            engine.audit("vault.login", target: "token/\(token.name)", by: caller, outcome: .done)
            let auth = JSONValue.object([
                .init("client_token", .string(text)),
                .init("accessor", .string(token.name)),
                .init("policies", .strings([role.rawValue])),
                .init("token_policies", .strings([role.rawValue])),
                .init("metadata", .object([.init("role_name", .string(token.name))])),
                .init("lease_duration", .number(remaining(token))),
                .init("renewable", .bool(false)),
                .init("entity_id", .string("")),
                .init("token_type", .string("service")),
                .init("orphan", .bool(true)),
            ])
            responder.answer(VaultEnvelope.answer(.null, auth: auth))
        } catch let error as AuthorityError {
            engine.metrics.authenticationFailures.child("vault").add()
            if error.code != .rateLimited {
                let caller = Caller(.anonymous, address: request.remote.host)
                engine.audit("vault.login", target: "approle", by: caller, outcome: .refused, detail: error.message)
            }
            // As of a Vault: a wrong secret is a bad request here, and a missing permission everywhere else.
            throw error.code == .unauthenticated ? VaultError(400, "invalid role or secret ID") : VaultError(error)
        } catch let error as VaultError {
            throw error
        } catch {
            throw VaultError(500, "internal error")
        }
    }

    /// What a token is; its secret is not told again.
    private func facts(_ token: AccessToken) -> JSONValue {
        let role = if case .bearer(let role) = token.kind { role.rawValue } else { "" }
        return .object([
            .init("id", .string(token.name)),
            .init("accessor", .string(token.name)),
            .init("display_name", .string(token.name)),
            .init("policies", .strings([role])),
            .init("path", .string("auth/token/create")),
            .init("type", .string("service")),
            .init("creation_time", .number(token.createdAt)),
            .init("creation_ttl", .number(token.expiresAt.map { $0 - token.createdAt } ?? 0)),
            .init("expire_time", token.expiresAt.map { .string(CalendarTime(unixSeconds: $0).rfc3339) } ?? .null),
            .init("ttl", .number(remaining(token))),
            .init("explicit_max_ttl", .number(0)),
            .init("num_uses", .number(0)),
            .init("renewable", .bool(false)),
            .init("orphan", .bool(true)),
            .init("entity_id", .string("")),
            .init("meta", .null),
        ])
    }

    private func remaining(_ token: AccessToken) -> Int64 {
        token.expiresAt.map { max($0 - engine.clock.now(), 0) } ?? 0
    }
}
