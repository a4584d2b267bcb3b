import CountersignAgent
import CountersignIdentity
import CountersignIssuance
import CountersignPKI
import Synchronization

/// An authority in memory that issues with real cryptography, and fails as a test tells it to.
final class FakeAuthority: AuthorityClient {
    struct State {
        var authority: IssuingAuthority
        var bundle: [UInt8]
        var lists: [UInt8]?
        var failure: AuthorityCallError?
        var calls: [String] = []
        var keys: [[UInt8]] = []
        var refusedKeys: [[UInt8]] = []
        var lifetime: Int64 = 3600
        var rule: RenewalRule? = .fraction(0.5)
        var rotation: Int64?
        var token: String? = "join-me"
        var serialsOfCaller: [String?] = []
        var caller: String?
    }

    let state: Mutex<State>
    private let time: TestTime

    init(time: TestTime) throws {
        self.time = time
        let authority = try Self.makeAuthority(time)
        state = Mutex(State(authority: authority, bundle: Array(authority.trustBundlePEM.utf8)))
    }

    static func makeAuthority(_ time: TestTime) throws -> IssuingAuthority {
        try IssuingAuthority.ephemeral(
            trustDomain: TrustDomain(parsing: "link.internal"),
            now: time.seconds - 3600,
            lifetimeSeconds: 10 * 365 * 86_400
        )
    }

    var calls: [String] { state.withLock { $0.calls } }
    var bundlePEM: [UInt8] { state.withLock { $0.bundle } }

    func change(_ body: (inout State) -> Void) {
        state.withLock { body(&$0) }
    }

    /// The calls since the last time that this was asked.
    func newCalls() -> [String] {
        state.withLock { state in
            defer { state.calls = [] }
            return state.calls
        }
    }

    func use(_ access: AuthorityAccess) throws(AuthorityCallError) {
        state.withLock { $0.caller = access.identity?.serial }
    }

    func join(_ token: JoinToken, request: String) throws(AuthorityCallError) -> AuthorityAnswer {
        let isGood = state.withLock { state in
            defer { if state.failure == nil { state.token = nil } }
            return state.token == token.reveal()
        }
        return try answer("join", "spiffe://link.internal/agent/host-1", request) {
            isGood ? nil : AuthorityCallError(.refused, "the join token was used already")
        }
    }

    func renew(request: String) throws(AuthorityCallError) -> AuthorityAnswer {
        try answer("renew", "spiffe://link.internal/agent/host-1", request) { nil }
    }

    func sign(service: String, request: String) throws(AuthorityCallError) -> AuthorityAnswer {
        try answer("sign \(service)", "spiffe://link.internal/ns/default/sa/\(service)", request) { nil }
    }

    func bundle() throws(AuthorityCallError) -> [UInt8] {
        let (failure, bundle) = state.withLock { state in
            state.calls.append("bundle")
            return (state.failure, state.bundle)
        }
        if let failure { throw failure }
        return bundle
    }

    func revocationLists() throws(AuthorityCallError) -> [UInt8]? {
        let (failure, lists) = state.withLock { state in
            state.calls.append("lists")
            return (state.failure, state.lists)
        }
        if let failure { throw failure }
        return lists
    }

    func intermediates() throws(AuthorityCallError) -> [UInt8] { [] }

    private func answer(
        _ call: String,
        _ id: String,
        _ request: String,
        _ refusal: () -> AuthorityCallError?
    ) throws(AuthorityCallError) -> AuthorityAnswer {
        let state = state.withLock { state in
            state.calls.append(call)
            state.serialsOfCaller.append(state.caller)
            return state
        }
        if let failure = state.failure ?? refusal() { throw failure }
        do {
            let request = try SigningRequest(pem: Array(request.utf8))
            if state.refusedKeys.contains(request.publicKey.derEncoded) {
                throw AuthorityCallError(.keyRefused, "the key was reported compromised")
            }
            var profile = CertificateProfile(lifetimeSeconds: state.lifetime)
            profile.spiffeID = try SPIFFEID(parsing: id)
            let issued = try state.authority.sign(request, profile: profile, now: time.seconds)
            self.state.withLock { $0.keys.append(request.publicKey.derEncoded) }
            let certificates = try CertificateChain(pem: issued.chainPEM).certificates
            return AuthorityAnswer(certificates: certificates, rule: state.rule, rotation: state.rotation)
        } catch let error as AuthorityCallError {
            throw error
        } catch {
            throw AuthorityCallError(.malformed, "\(error)")
        }
    }
}
