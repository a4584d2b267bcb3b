import CountersignHTTPServer
import CountersignJSON
import CountersignTokens

extension AdminSurface {
    /// `/api/admin/token-keys`, where tokens are issued.
    func addTokenKeys(to routes: inout RouteList) {
        guard let tokens else { return }
        routes.get("/api/admin/token-keys") { request, _, responder in
            read(request, responder) { _ in AdminJSON.tokenKeys(tokens.keys) }
        }
        routes.post("/api/admin/token-keys/rotate") { request, _, responder in
            call(request, responder, for: .administer) { caller in
                tokens.rotate(by: caller) { end(responder, 202, $0, AdminJSON.tokenKeys) }
            }
        }
        routes.delete("/api/admin/token-keys/{kid}") { request, path, responder in
            call(request, responder, for: .administer) { caller in
                tokens.drop(path["kid"], by: caller) { end(responder, 200, $0, AdminJSON.tokenKeys) }
            }
        }
    }
}

extension AdminJSON {
    /// The signing keys of tokens without their private halves.
    static func tokenKeys(_ keys: [TokenKeyEntry]) -> JSONValue {
        .object([.init("keys", .array(keys.map(tokenKey)))])
    }

    private static func tokenKey(_ entry: TokenKeyEntry) -> JSONValue {
        var since = JSONValue.null
        var until = JSONValue.null
        switch entry.state {
        case .next: break
        case .current(let moment): since = time(moment)
        case .former(let moment): until = time(moment)
        }
        return .object([
            .init("kid", .string(entry.key.keyID)),
            .init("algorithm", .string(entry.key.algorithm.rawValue)),
            .init("state", .string(entry.state.name)),
            .init("published_at", time(entry.publishedAt)),
            .init("signs_since", since),
            .init("signed_until", until),
        ])
    }
}
