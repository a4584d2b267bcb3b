import CountersignGRPC
package import CountersignGRPCServer
package import CountersignIdentity
import CountersignTelemetry
import CountersignTransport
package import CountersignWorkload
package import Logging
import Synchronization

/// The SPIFFE Workload API: gives each process of the host the identities that are its own, and tells it of changes.
///
/// Facets: `+Streams` (X.509, bundles), `+Tokens` (JWT), `+Callers` (who is calling). What it knows comes by ``publish(_:)``.
package final class WorkloadService: Sendable {
    struct State {
        var rules: [WorkloadRule]
        /// Nil until the agent has told for the first time.
        var holdings: WorkloadHoldings?
        /// The keys of JWT-SVIDs, a document of RFC 7517 with those of that use alone; nil until they are known.
        var tokenKeys: [UInt8]?
        /// What verifies identities of other trust domains.
        var federated: [TrustDomain: FederatedBundle] = [:]
        var streams: [UInt64: WorkloadStream] = [:]
        var lastStream: UInt64 = 0
        /// When the keys were asked for because of a token with an unknown one, in Unix milliseconds.
        var refreshedAt: Int64 = 0
        /// Calls that are open, by the account of their caller.
        var calls: [GRPCAccount: Int] = [:]
        /// Those among them that ask what there is to call.
        var reflections: [GRPCAccount: Int] = [:]
        /// Which callers that got nothing are logged.
        var unserved = RefusalLog()
    }

    let state: Mutex<State>
    let tokens: WorkloadTokenSource?
    let metrics: WorkloadMetrics
    let logger: Logger
    let inspector = ProcessInspector()
    /// Looks at callers: those of one account one after the other, so that a stream is told of changes in their order, and so
    /// that nobody waits for the digests of another's programs.
    let work = FairWork<GRPCAccount>(name: "workload", .init(threads: 8, share: 1, backlog: 1_024))
    /// Waits until streams are to be told.
    let pushing = BackgroundWork(name: "workload-push", maximumThreads: 1, limit: 1)
    let pushes = Mutex(PushSchedule())
    let pushed = SystemSemaphore()
    /// Asks the authority for tokens.
    let tokenWork = FairWork<GRPCAccount>(name: "workload-token", .init(threads: 8, share: 2, backlog: 256))
    let clock: @Sendable () -> Int64

    /// The most calls that one account has open at a time, as the processes of one user.
    package static let maximumCallsPerAccount = 256
    /// The most of them that ask what there is to call: anybody may, and each can leave megabytes of answers unread.
    package static let maximumReflectionsPerAccount = 8
    /// The largest answer, in bytes: with what stands before a message, the 4 MiB that clients of gRPC take.
    package static let maximumAnswer = 4 * 1_024 * 1_024 - 5

    /// Makes the service.
    ///
    /// - Parameters:
    ///   - rules: which processes are which services.
    ///   - tokens: where JWT-SVIDs come from; nil when there are none.
    ///   - metrics: what is counted.
    ///   - logger: where refusals are told.
    ///   - clock: the time in Unix milliseconds.
    package init(
        rules: [WorkloadRule],
        tokens: WorkloadTokenSource?,
        metrics: WorkloadMetrics,
        logger: Logger,
        clock: @escaping @Sendable () -> Int64
    ) {
        self.state = Mutex(State(rules: rules))
        self.tokens = tokens
        self.metrics = metrics
        self.logger = logger
        self.clock = clock
    }

    /// The methods, for a server.
    package var methods: GRPCMethods {
        var methods = GRPCMethods()
        methods.add(WorkloadMethod.fetchX509SVID) { [self] call, _ in follow(.svids, call) }
        methods.add(WorkloadMethod.fetchX509Bundles) { [self] call, _ in follow(.bundles, call) }
        methods.add(WorkloadMethod.fetchJWTBundles) { [self] call, _ in follow(.tokenKeys, call) }
        methods.add(WorkloadMethod.fetchJWTSVID) { [self] call, message in fetchToken(call, message) }
        methods.add(WorkloadMethod.validateJWTSVID) { [self] call, message in validateToken(call, message) }
        for path in [WorkloadMethod.fetchWITSVID, WorkloadMethod.fetchWITBundles] {
            methods.add(path) { [self] call, _ in refuseWIT(call) }
        }
        GRPCReflection(WorkloadDescription.files).add(to: &methods) { [weak self] in self?.admitAnybody($0) ?? false }
        return methods
    }

    /// Takes what there is for workloads now, and tells those that it concerns.
    package func publish(_ holdings: WorkloadHoldings) {
        state.withLock { $0.holdings = holdings }
        tellAll()
    }

    /// Takes the rules of another configuration; who is no service any more is told so.
    package func use(_ rules: [WorkloadRule]) {
        state.withLock { $0.rules = rules }
        tellAll()
    }

    /// Whether no rule can hold for the processes of a user.
    package func isStranger(_ userID: UInt32) -> Bool {
        let rules = state.withLock { $0.rules }
        return rules.allSatisfy { $0.userID.map { $0 != userID } ?? false }
    }

    /// Takes the keys of JWT-SVIDs.
    ///
    /// - Parameter document: a document of RFC 7517 with keys of that use alone.
    package func useTokenKeys(_ document: [UInt8]) {
        let isNew = state.withLock { state in
            defer { state.tokenKeys = document }
            return state.tokenKeys != document
        }
        if isNew { tellAll() }
    }

    /// Takes the bundles of other trust domains, all of them.
    package func useFederated(_ bundles: [TrustDomain: FederatedBundle]) {
        let isNew = state.withLock { state in
            defer { state.federated = bundles }
            return state.federated != bundles
        }
        if isNew { tellAll() }
    }

    /// Ends all streams: the agent is about to stop.
    package func endStreams() {
        for stream in state.withLock({ Array($0.streams.values) }) {
            stream.call.finish(GRPCStatus(.unavailable, "the agent stops"))
        }
    }

    private func tellAll() {
        let streams = state.withLock { $0.streams }
        guard streams.count > PushSchedule.immediate else {
            for id in streams.keys.sorted() { push(id) }
            return
        }
        var random = SystemRandomNumberGenerator()
        pushes.withLock { $0.add(Array(streams.keys), now: Self.milliseconds, using: &random) }
        pushed.signal()
        // With one waiting already, that one sees to these, too.
        _ = pushing.run { [weak self] in self?.pushWhenDue() }
    }

    /// Tells streams when their time comes, until nobody waits.
    private func pushWhenDue() {
        while true {
            let (due, next) = pushes.withLock { ($0.take(now: Self.milliseconds), $0.next) }
            for id in due { push(id) }
            guard let next else { return }
            _ = pushed.wait(upTo: .milliseconds(max(1, next - Self.milliseconds)))
        }
    }

    private func push(_ id: UInt64) {
        guard let stream = state.withLock({ $0.streams[id] }) else { return }
        guard !work.run(for: stream.peer.account, { [self] in tell(id, stream) }) else { return }
        stream.call.finish(GRPCStatus(.unavailable, "the agent has too much to do"))
    }

    static var milliseconds: Int64 { Int64(clamping: EventLoop.monotonicNanoseconds() / 1_000_000) }
}
