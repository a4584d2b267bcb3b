import CountersignHTTPClient
import CountersignJSON
package import CountersignPKI
import CountersignTLS
import Synchronization

/// The authority's native API: JSON over mutual TLS.
package final class HTTPAuthorityClient: AuthorityClient {
    private let client: HTTPClient
    /// How the authority is called by an agent that has nothing to show but a token.
    private let anonymousTLS = Mutex<ClientTLS?>(nil)
    private let endpoint: HTTPEndpoint
    private let settings: HTTPClientSettings
    private let expected: PeerNameRequirement
    private let lifetimeSeconds: Int64?
    /// Whether there is trust to connect with: without it, calls would not be encrypted.
    private let isSecured = Atomic(false)
    private let shown = Mutex<String?>(nil)
    private let listener = Mutex<(@Sendable () -> Void)?>(nil)
    /// The revocation lists that came last, so that they are sent again only when there are others.
    private let fetchedLists = Mutex<(tag: String, pem: [UInt8])?>(nil)

    /// How long a call may take.
    private static let patience = Duration.seconds(15)

    /// Makes a client; nothing is connected before the first call, which needs ``use(_:)``.
    ///
    /// - Parameters:
    ///   - url: the authority's URL, `https://`.
    ///   - expected: whose certificate the authority must have; nil for the URL's host.
    ///   - lifetimeSeconds: how long certificates of services are asked to be valid; nil leaves it to the authority.
    /// - Throws: ``AuthorityCallError`` with `local` when the URL is none of an authority.
    package init(
        url: String,
        expecting expected: PeerNameRequirement?,
        lifetimeSeconds: Int64? = nil
    ) throws(AuthorityCallError) {
        do throws(HTTPClientError) {
            self.endpoint = try HTTPEndpoint(url: url)
            if let expected { self.expected = expected } else { self.expected = try endpoint.peerName() }
        } catch {
            throw AuthorityCallError(error)
        }
        guard endpoint.isSecure else {
            throw AuthorityCallError(.local, "the authority is reached over TLS; its URL begins with https://")
        }
        var settings = HTTPClientSettings()
        // Revocation lists are the largest of what comes.
        settings.maximumBody = 128 * 1024 * 1024
        // The feed begins with everything that is revoked, in one line.
        settings.maximumLine = 128 * 1024 * 1024
        settings.userAgent = "countersign-agent"
        self.settings = settings
        self.client = HTTPClient(endpoint, settings: settings)
        self.lifetimeSeconds = lifetimeSeconds
    }

    package func use(_ access: AuthorityAccess) throws(AuthorityCallError) {
        let identity = access.identity.map { held in
            TLSIdentity(certificateChain: held.chainDER, privateKey: held.key.derPKCS8)
        }
        do {
            let verifier = ChainVerifier(trust: access.trust, purpose: .server)
            let anonymous = try ClientTLS(verifier: verifier, expecting: expected)
            anonymousTLS.withLock { $0 = anonymous }
            client.replaceTLS(try ClientTLS(verifier: verifier, expecting: expected, identity: identity))
            isSecured.store(true, ordering: .sequentiallyConsistent)
            let isAnother = shown.withLock { serial in
                defer { serial = access.identity?.serial }
                return serial != access.identity?.serial
            }
            if isAnother { listener.withLock { $0 }?() }
        } catch {
            throw AuthorityCallError(.local, "the agent's own certificate cannot be used: \(error)")
        }
    }

    /// The serial number of the certificate that calls show, in lower-case hexadecimal; nil when they show none.
    package var shownSerial: String? { shown.withLock { $0 } }

    /// Has `listener` called whenever calls begin to show another certificate; it must not block.
    package func whenAnotherIsShown(_ listener: @escaping @Sendable () -> Void) {
        self.listener.withLock { $0 = listener }
    }

    package func join(_ token: JoinToken, request: String) throws(AuthorityCallError) -> AuthorityAnswer {
        // A certificate that has expired or is revoked would be refused before the token is looked at.
        _ = try securedClient()
        let anonymous = HTTPClient(endpoint, tls: anonymousTLS.withLock { $0 }, settings: settings)
        defer { anonymous.close() }
        let members: [JSONValue.Member] = [.init("token", .string(token.reveal())), .init("csr", .string(request))]
        return try certificate("/v1/join", members, by: anonymous)
    }

    package func renew(request: String) throws(AuthorityCallError) -> AuthorityAnswer {
        try certificate("/v1/renew", [.init("csr", .string(request))])
    }

    package func sign(service: String, request: String) throws(AuthorityCallError) -> AuthorityAnswer {
        var members: [JSONValue.Member] = [.init("service", .string(service)), .init("csr", .string(request))]
        if let lifetimeSeconds { members.append(.init("ttl_seconds", .number(lifetimeSeconds))) }
        return try certificate("/v1/sign", members)
    }

    package func bundle() throws(AuthorityCallError) -> [UInt8] {
        try call("GET", "/v1/bundle").body
    }

    package func intermediates() throws(AuthorityCallError) -> [UInt8] {
        try call("GET", "/v1/intermediates").body
    }

    package func revocationLists() throws(AuthorityCallError) -> [UInt8]? {
        let known = fetchedLists.withLock { $0 }
        let fields = known.map { [(name: "If-None-Match", value: $0.tag)] } ?? []
        let response = try exchange("GET", "/v1/revocation-lists", fields: fields)
        if response.status == 304, let known { return known.pem }
        // One that was made before there was this call.
        if response.status == 404 { return nil }
        guard (200...299).contains(response.status) else { throw AuthorityCallError(response) }
        let tag = response.field("ETag")
        fetchedLists.withLock { $0 = tag.map { ($0, response.body) } }
        return response.body
    }

    /// The client, once calls are encrypted.
    func securedClient() throws(AuthorityCallError) -> HTTPClient {
        guard isSecured.load(ordering: .sequentiallyConsistent) else {
            throw AuthorityCallError(.local, "the authority is not called before there is something to recognize it by")
        }
        return client
    }

    private func certificate(
        _ path: String,
        _ members: [JSONValue.Member],
        by client: HTTPClient? = nil
    ) throws(AuthorityCallError) -> AuthorityAnswer {
        let body = JSONValue.object(members).compactBytes
        return try AuthorityAnswer(json: try call("POST", path, body: body, by: client).body)
    }

    /// Makes a call.
    func call(
        _ method: String,
        _ path: String,
        body: [UInt8] = [],
        by client: HTTPClient? = nil
    ) throws(AuthorityCallError) -> ClientResponse {
        let fields: [(name: String, value: String)] = body.isEmpty ? [] : [("Content-Type", "application/json")]
        let response = try exchange(method, path, fields: fields, body: body, by: client)
        guard (200...299).contains(response.status) else { throw AuthorityCallError(response) }
        return response
    }

    /// Makes a call whose answer may have any status.
    private func exchange(
        _ method: String,
        _ path: String,
        fields: [(name: String, value: String)],
        body: [UInt8] = [],
        by client: HTTPClient? = nil
    ) throws(AuthorityCallError) -> ClientResponse {
        let secured = try securedClient()
        do throws(HTTPClientError) {
            return try (client ?? secured).request(method, path, fields: fields, body: body, within: Self.patience)
        } catch {
            throw AuthorityCallError(error)
        }
    }
}
