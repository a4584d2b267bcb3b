import CountersignHTTPServer
import CountersignIdentity
import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import CountersignTransport

/// Who calls, and for which profiles that is proof enough.
struct CFSSLCaller: Sendable {
    /// Who calls.
    var caller: Caller
    /// What it was proven by.
    var proof: Proof

    /// The ways to prove who one is.
    enum Proof: Sendable, Hashable {
        /// A client certificate or a bearer token: good for every profile.
        case identity
        /// A key of that name: good for the profiles that have it.
        case key(String)
        /// Nothing but being on this host: good for profiles without a key.
        case sameHost
    }

    /// Whether the proof is good for a profile with these keys.
    func satisfies(_ keys: CFSSLSettings.ProfileKeys?) -> Bool {
        switch proof {
        case .identity: true
        case .key(let name): keys?.include(name) ?? false
        case .sameHost: keys == nil
        }
    }
}

/// Finds out who calls the CFSSL API.
struct CFSSLAuthentication: Sendable {
    let engine: AuthorityEngine
    let settings: CFSSLSettings
    private let replays: ReplayMemory

    init(engine: AuthorityEngine, settings: CFSSLSettings) {
        self.engine = engine
        self.settings = settings
        self.replays = ReplayMemory(seconds: 2 * settings.timestampWindowSeconds)
    }

    /// The caller of a request without a token: by client certificate, bearer token, or being on this host.
    ///
    /// - Throws: ``CFSSLError``.
    func caller(of request: ServerRequest) throws(CFSSLError) -> CFSSLCaller {
        let address = request.remote.host
        do throws(AuthorityError) {
            if let peer = request.peer {
                return CFSSLCaller(caller: try engine.caller(peer, address: address), proof: .identity)
            }
            if let secret = Self.bearer(request) {
                guard request.connection.isTLS || Self.isLoopback(address) else {
                    throw AuthorityError(.unauthenticated, "bearer tokens are for TLS alone; consider this one known")
                }
                let caller = try engine.administrator(bearing: secret, address: address)
                return CFSSLCaller(caller: caller, proof: .identity)
            }
        } catch {
            refused(address, error.message)
            throw CFSSLError(error)
        }
        // A page in a browser can make its user's machine call this host; browsers then say where the page is from.
        guard settings.allowsUnauthenticated, Self.isLoopback(address), request.field("Origin") == nil else {
            refused(address, "no proof of identity")
            throw .authenticationRequired
        }
        return CFSSLCaller(caller: Caller(.local("cfssl"), address: address), proof: .sameHost)
    }

    /// The caller of an authenticated request, whose token is used up by this.
    ///
    /// - Throws: ``CFSSLError`` with `no authentication provider` or `invalid token`.
    func caller(
        of request: CFSSLAuthenticatedRequest,
        keys: CFSSLSettings.ProfileKeys?,
        address: String
    ) throws(CFSSLError) -> CFSSLCaller {
        guard let keys else { throw .badRequest("no authentication provider") }
        let candidates = [keys.current] + (keys.previous.map { [$0] } ?? [])
        guard let key = candidates.first(where: { $0.authenticates(request.content, token: request.token) }) else {
            refused(address, "a token of none of the profile's keys")
            throw .invalidToken
        }
        if let timestamp = request.timestamp {
            let now = engine.clock.now()
            let window = settings.timestampWindowSeconds
            guard timestamp > now - window, timestamp < now + window else {
                refused(address, "a token of another time")
                throw .badRequest("invalid token: its timestamp is more than \(window) seconds from now (\(now))")
            }
        }
        guard replays.admit(request.token, at: engine.clock.monotonic()) else {
            refused(address, "a token that was used before")
            throw .badRequest("invalid token: this request was made before; make a new certificate request")
        }
        return CFSSLCaller(caller: Caller(.key(key.name), address: address), proof: .key(key.name))
    }

    /// Lets a token be used again whose request came to nothing through no fault of the caller.
    func forget(_ token: [UInt8]) {
        replays.forget(token)
    }

    /// Counts a failed proof.
    ///
    /// The audit trail gets as many of them as one address may make, so that it cannot be
    /// filled from outside.
    private func refused(_ address: String, _ reason: String) {
        engine.metrics.authenticationFailures.child("cfssl").add()
        guard engine.failureLimiter.admit("cfssl/\(address)", at: engine.clock.monotonic()) else { return }
        let caller = Caller(.anonymous, address: address)
        engine.audit("cfssl.authenticate", target: "cfssl", by: caller, outcome: .refused, detail: reason)
    }

    private static func bearer(_ request: ServerRequest) -> TokenSecret? {
        guard let value = request.field("Authorization"), value.prefix(7).lowercased() == "bearer " else { return nil }
        return TokenSecret(shown: String(value.dropFirst(7)))
    }

    private static func isLoopback(_ address: String) -> Bool {
        IPAddress(Array(address.utf8).span)?.isLoopback ?? false
    }
}
