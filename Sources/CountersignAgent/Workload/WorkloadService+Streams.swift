import CountersignGRPC
import CountersignGRPCServer
import CountersignIdentity
import CountersignPKI
import CountersignTelemetry
import CountersignTransport
import CountersignWorkload
import Logging
import Synchronization

extension WorkloadService {
    /// Takes a caller that wants to be told of changes; the first message is the state as it is.
    func follow(_ kind: WorkloadStream.Kind, _ call: GRPCCall) {
        guard let peer = admit(call, kind.rawValue) else { return }
        let stream = WorkloadStream(kind, call, peer)
        let id = state.withLock { state in
            state.lastStream += 1
            state.streams[state.lastStream] = stream
            return state.lastStream
        }
        metrics.streams.add(1)
        let account = peer.account
        call.whenEnded { [weak self] in self?.ended(id, account) }
        guard work.run(for: account, { [self] in tell(id, stream) }) else {
            refuse(call, kind.rawValue, GRPCStatus(.unavailable, "the agent has too much to do"))
            return
        }
    }

    /// Tells a caller what it has now, unless it knows; who has nothing any more is told so, and that ends the stream.
    ///
    /// Who is calling is found out anew: the process may have ended, and somebody else have its connection.
    func tell(_ id: UInt64, _ stream: WorkloadStream) {
        guard state.withLock({ $0.streams[id] != nil }) else { return }
        do throws(GRPCStatus) {
            let message = try message(for: stream)
            guard message.count <= Self.maximumAnswer else { throw oversized(message.count, for: stream) }
            if stream.send(message) { metrics.requests.child(stream.kind.rawValue, "ok").add() }
        } catch {
            refuse(stream.call, stream.kind.rawValue, error)
        }
    }

    /// Says that an answer is larger than clients take, which lists of very many revocations make it.
    private func oversized(_ bytes: Int, for stream: WorkloadStream) -> GRPCStatus {
        let user = stream.peer.credentials.userID
        if let silent = state.withLock({ $0.unserved.note(user, "too_large", at: Self.milliseconds) }) {
            logger.warning(
                "workload api has an answer that is too large",
                metadata: [
                    "method": .string(stream.kind.rawValue),
                    "uid": .stringConvertible(user),
                    "bytes": .stringConvertible(bytes),
                    "advice": .string(
                        "clients take \(Self.maximumAnswer) bytes; revocation_lists: false leaves the lists out"
                    ),
                    "not_logged": .stringConvertible(silent),
                ]
            )
        }
        return GRPCStatus(
            .resourceExhausted,
            "the answer has \(bytes) bytes and may have \(Self.maximumAnswer): its revocation lists or bundles are too large"
        )
    }

    private func message(for stream: WorkloadStream) throws(GRPCStatus) -> [UInt8] {
        let (granted, holdings) = try identities(of: stream.peer)
        switch stream.kind {
        case .svids: return Self.svids(granted, holdings, federatedBundles(besides: granted))
        case .bundles:
            var response = X509BundlesResponse()
            response.bundles = federatedBundles(besides: granted)
            response.bundles[Self.key(granted[0])] = holdings.bundle
            response.revocationLists = holdings.revocationLists
            return response.bytes
        case .tokenKeys:
            guard tokens != nil else { throw GRPCStatus(.unimplemented, "JWT-SVIDs are not issued") }
            guard let keys = state.withLock({ $0.tokenKeys }) else {
                throw GRPCStatus(.unavailable, "the keys of JWT-SVIDs are not there yet")
            }
            var response = JWTBundlesResponse()
            for (domain, bundle) in state.withLock({ $0.federated }) {
                response.bundles[Self.key(domain)] = bundle.tokenKeys
            }
            response.bundles[Self.key(granted[0])] = keys
            return response.bytes
        }
    }

    /// The authorities of other trust domains, in DER one after the other.
    private func federatedBundles(besides granted: [GrantedIdentity]) -> [String: [UInt8]] {
        var bundles: [String: [UInt8]] = [:]
        for (domain, bundle) in state.withLock({ $0.federated }) where !bundle.authoritiesDER.isEmpty {
            bundles[Self.key(domain)] = bundle.authoritiesDER.flatMap(\.self)
        }
        // Nobody else speaks for the caller's own.
        for identity in granted { bundles[Self.key(identity)] = nil }
        return bundles
    }

    private static func svids(
        _ granted: [GrantedIdentity],
        _ holdings: WorkloadHoldings,
        _ federated: [String: [UInt8]]
    ) -> [UInt8] {
        var response = X509SVIDResponse()
        let bundle = holdings.bundle
        for identity in granted {
            var svid = X509SVIDMessage()
            svid.spiffeID = identity.id.description
            svid.certificates = identity.held.chainDER.flatMap(\.self)
            svid.privateKey = identity.held.key.derPKCS8
            svid.bundle = bundle
            svid.hint = identity.service
            response.svids.append(svid)
        }
        response.revocationLists = holdings.revocationLists
        response.federatedBundles = federated
        return response.bytes
    }

    static func key(_ identity: GrantedIdentity) -> String { key(identity.id.trustDomain) }

    private static func key(_ domain: TrustDomain) -> String { "spiffe://\(domain.name)" }

    private func ended(_ id: UInt64, _ account: GRPCAccount) {
        state.withLock { $0.streams[id] = nil }
        metrics.streams.add(-1)
        leave(account)
    }
}
