import CountersignAuthentication
import CountersignHTTPServer
import CountersignIdentity

/// How a proxy asks: where it puts what the client wanted, and which answers it passes on.
enum ProxyDialect: String, Sendable, CaseIterable {
    /// nginx's `auth_request`, which knows 401 and 403 and takes any other refusal for a failure of its own.
    case nginx
    /// Traefik's ForwardAuth, which passes any refusal on as it is.
    case traefik
    /// Envoy's `ext_authz` over HTTP, which asks with the client's own method and path behind a prefix.
    case envoy

    /// The path that the proxy asks at.
    var path: String { "/auth/\(rawValue)" }

    /// The fields with the client's method, host, path and URL.
    private var fieldNames: [String] {
        switch self {
        case .nginx: ["X-Original-Method", "X-Original-Host", "X-Original-URI", "X-Original-URL"]
        case .traefik: ["X-Forwarded-Method", "X-Forwarded-Host", "X-Forwarded-Uri"]
        case .envoy: []
        }
    }

    /// The request that the client made.
    ///
    /// - Returns: nil when the proxy does not say what it was, or says two things.
    func original(of request: ServerRequest, from peer: IPAddress) -> InboundRequest? {
        let names = fieldNames
        // One that is there twice may be the client's beside the proxy's, and nobody can tell which is which.
        guard names.allSatisfy({ request.values(of: $0).count <= 1 }) else { return nil }
        let told: (method: String?, host: String?, target: String?)
        switch self {
        case .nginx:
            guard let place = Self.place(request, host: names[1], target: names[2], url: names[3]) else { return nil }
            told = (request.field(names[0]), place.host, place.target)
        case .traefik:
            told = (request.field(names[0]), request.field(names[1]), request.field(names[2]))
        case .envoy:
            let rest = String(request.path.dropFirst(path.utf8.count))
            told = (
                request.methodText, request.host, request.query.isEmpty ? rest : "\(rest)?\(request.query)"
            )
        }
        guard let method = told.method, !method.isEmpty, let target = told.target, !target.isEmpty else { return nil }
        return InboundRequest(
            peer: peer,
            method: method,
            host: told.host ?? "",
            target: target,
            values: { request.values(of: $0) }
        )
    }

    /// What the proxy has to be told so that the client hears of a refusal.
    func status(of refusal: AuthenticationRefusal) -> Int {
        self == .nginx && refusal.status == 400 ? 403 : refusal.status
    }

    /// Where the client's request went, by the fields of that names.
    ///
    /// Some configurations set the URL alone and some the parts of it alone, and pass on what clients write in the fields
    /// that they do not set. So where both are there they have to say the same.
    ///
    /// - Returns: nil when they do not, or when neither says the target.
    private static func place(
        _ request: ServerRequest,
        host: String,
        target: String,
        url: String
    ) -> (host: String?, target: String)? {
        let parts = (host: request.field(host), target: request.field(target))
        guard let text = request.field(url), !text.isEmpty else {
            return parts.target.map { (parts.host ?? request.host, $0) }
        }
        guard let whole = split(text),
            parts.target == nil || parts.target == whole.target,
            parts.host == nil || parts.host?.lowercased() == whole.host.lowercased()
        else { return nil }
        return whole
    }

    /// Host and target of an absolute URL.
    private static func split(_ url: String) -> (host: String, target: String)? {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        let rest = url[scheme.upperBound...]
        guard let slash = rest.firstIndex(of: "/") else { return (String(rest), "/") }
        return (String(rest[..<slash]), String(rest[slash...]))
    }
}
