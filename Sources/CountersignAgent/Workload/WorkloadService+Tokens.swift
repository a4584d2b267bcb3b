import CountersignGRPC
import CountersignGRPCServer
import CountersignIdentity
import CountersignIssuance
import CountersignJSON
import CountersignPKI
import CountersignProtobuf
import CountersignTelemetry
import CountersignTokens
import CountersignTransport
import CountersignWorkload
import Synchronization

extension WorkloadService {
    private static let fetching = "FetchJWTSVID"
    private static let validating = "ValidateJWTSVID"

    /// Has JWT-SVIDs made for a caller.
    func fetchToken(_ call: GRPCCall, _ message: [UInt8]) {
        run(call, Self.fetching) { [self] (peer, tokens) throws(GRPCStatus) in
            let request = try Self.read { () throws(ProtobufError) in try JWTSVIDRequest(parsing: message) }
            let audiences = try request.distinctAudiences()
            var granted = try identities(of: peer).granted
            if !request.spiffeID.isEmpty {
                granted = granted.filter { $0.id.description.utf8.elementsEqual(request.spiffeID.utf8) }
            }
            guard !granted.isEmpty else { throw GRPCStatus(.permissionDenied, "no identity issued") }
            var response = JWTSVIDResponse()
            for identity in granted {
                var svid = JWTSVIDMessage()
                svid.spiffeID = identity.id.description
                svid.token = try Self.ask { () throws(AuthorityCallError) in
                    try tokens.issue(identity.service, audiences)
                }
                svid.hint = identity.service
                response.svids.append(svid)
            }
            return response.bytes
        }
    }

    /// Says whether a JWT-SVID that a caller was shown is good.
    func validateToken(_ call: GRPCCall, _ message: [UInt8]) {
        run(call, Self.validating) { [self] (peer, tokens) throws(GRPCStatus) in
            let request = try Self.read { () throws(ProtobufError) in try ValidateJWTSVIDRequest(parsing: message) }
            guard !request.audience.isEmpty else { throw GRPCStatus(.invalidArgument, "audience must be specified") }
            guard !request.token.isEmpty else { throw GRPCStatus(.invalidArgument, "svid must be specified") }
            let granted = try identities(of: peer).granted
            let own = granted[0].id.trustDomain
            let domain = trustDomain(of: request.token, orElse: own)
            var verdict = try verify(request, domain, isOwn: domain == own)
            if case .failure(let rejection) = verdict, rejection.code == .unknownKey, domain == own, isRefreshDue() {
                // It may have been published since.
                refreshTokenKeys(from: tokens)
                verdict = try verify(request, domain, isOwn: domain == own)
            }
            switch verdict {
            case .success(let token):
                let id = token.claims.subject ?? ""
                return ValidateJWTSVIDResponse(spiffeID: id, claims: token.claims.all).bytes
            case .failure(let rejection):
                throw GRPCStatus(.invalidArgument, "\(rejection.metricLabel): \(rejection.explanation)")
            }
        }
    }

    /// Fetches the keys of JWT-SVIDs; with a source that does not answer, the ones before stay.
    ///
    /// - Returns: whether it answered.
    @discardableResult
    package func refreshTokenKeys(from tokens: WorkloadTokenSource) -> Bool {
        guard let bundle = try? tokens.bundle(), let document = Self.tokenKeys(ofBundle: bundle) else { return false }
        useTokenKeys(document)
        return true
    }

    private func verify(
        _ request: ValidateJWTSVIDRequest,
        _ domain: TrustDomain,
        isOwn: Bool
    ) throws(GRPCStatus) -> Result<VerifiedToken, TokenRejection> {
        let document = state.withLock { state in
            isOwn ? state.tokenKeys : state.federated[domain]?.tokenKeys
        }
        guard let document else {
            throw GRPCStatus(.unavailable, "the keys of JWT-SVIDs are not there yet")
        }
        do throws(PKIError) {
            let keys = try JSONWebKeySet(parsingSPIFFEBundle: document)
            let requirements = TokenRequirements(.svid, audiences: [request.audience], trustDomain: domain)
            return TokenVerifier(keys: keys, requirements: requirements)
                .verify(Array(request.token.utf8), atUnixSeconds: clock() / 1000)
        } catch {
            throw GRPCStatus(.unavailable, "the keys of JWT-SVIDs cannot be used")
        }
    }

    /// Whose keys a token is to be verified with: those of the trust domain that it says it is of, where that is federated.
    ///
    /// Nothing is believed by this: with the keys of a trust domain, only tokens of that very trust domain are good.
    private func trustDomain(of token: String, orElse own: TrustDomain) -> TrustDomain {
        guard let unverified = try? UnverifiedToken(parsing: token.utf8),
            let claims = try? JSONObject(JSONValue(parsing: unverified.payload), known: nil),
            let id = (try? claims.string("sub")).flatMap({ try? SPIFFEID(parsing: $0) }), id.trustDomain != own,
            state.withLock({ $0.federated[id.trustDomain] != nil })
        else { return own }
        return id.trustDomain
    }

    /// Whether an unknown key is a reason to ask the authority; at most once in five seconds, whoever shows tokens.
    private func isRefreshDue() -> Bool {
        let now = clock()
        return state.withLock { state in
            guard now - state.refreshedAt >= 5_000 || now < state.refreshedAt else { return false }
            state.refreshedAt = now
            return true
        }
    }

    /// Answers a call by what takes time.
    private func run(
        _ call: GRPCCall,
        _ method: String,
        _ body: @escaping @Sendable (GRPCLocalPeer, WorkloadTokenSource) throws(GRPCStatus) -> [UInt8]
    ) {
        guard let peer = admit(call, method) else { return }
        let account = peer.account
        call.whenEnded { [weak self] in self?.leave(account) }
        guard let tokens else {
            refuse(call, method, GRPCStatus(.unimplemented, "JWT-SVIDs are not issued"))
            return
        }
        let isTaken = tokenWork.run(for: account) { [self] in
            do throws(GRPCStatus) {
                call.answer(try body(peer, tokens))
                metrics.requests.child(method, "ok").add()
            } catch {
                refuse(call, method, error)
            }
        }
        if !isTaken { refuse(call, method, GRPCStatus(.unavailable, "the agent has too much to do")) }
    }

    private static func read<Message>(_ parse: () throws(ProtobufError) -> Message) throws(GRPCStatus) -> Message {
        do throws(ProtobufError) {
            return try parse()
        } catch {
            throw GRPCStatus(.invalidArgument, "\(error)")
        }
    }

    private static func ask(_ call: () throws(AuthorityCallError) -> String) throws(GRPCStatus) -> String {
        do throws(AuthorityCallError) {
            return try call()
        } catch {
            // What the authority says is for the agent's operator; a workload is told whether to try again.
            throw error.code == .refused
                ? GRPCStatus(.permissionDenied, "the authority issues no such token")
                : GRPCStatus(.unavailable, "the authority cannot be asked now")
        }
    }

    /// The keys of JWT-SVIDs of a bundle, as a document of their own; nil when it cannot be read.
    ///
    /// Keys that cannot be used are left out: clients refuse a whole answer for one of them, and with it the keys of all other
    /// trust domains.
    package static func tokenKeys(ofBundle bundle: [UInt8]) -> [UInt8]? {
        guard case .object(let members)? = try? JSONValue(parsing: bundle),
            case .array(let keys)? = members.first(where: { $0.name == "keys" })?.value
        else { return nil }
        let wanted = keys.filter { key in
            let alone = JSONValue.object([.init("keys", .array([key]))])
            let set = try? JSONWebKeySet(parsingSPIFFEBundle: alone.compactBytes)
            return set.map { !$0.keys.isEmpty } ?? false
        }
        return JSONValue.object([.init("keys", .array(wanted))]).compactBytes
    }
}

extension JWTSVIDRequest {
    /// The most audiences of one token, as the authority has it.
    private static let maximumAudiences = 16

    /// The audiences, each once; what the authority would take for no audience is told without asking it.
    fileprivate func distinctAudiences() throws(GRPCStatus) -> [String] {
        guard !audiences.isEmpty, !audiences.contains("") else {
            throw GRPCStatus(.invalidArgument, "audience must be specified")
        }
        guard audiences.allSatisfy(TokenGrant.isText) else {
            throw GRPCStatus(.invalidArgument, "audience: \(TokenGrant.textRule), without a space at either end")
        }
        // Only printable ASCII is left, in which texts are equal only if their bytes are.
        var known: Set<String> = []
        let distinct = audiences.filter { known.insert($0).inserted }
        guard distinct.count <= Self.maximumAudiences else {
            throw GRPCStatus(.invalidArgument, "audience: at most \(Self.maximumAudiences) different ones")
        }
        return distinct
    }
}
