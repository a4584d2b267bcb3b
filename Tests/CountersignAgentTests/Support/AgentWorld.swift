import CountersignAgent
import CountersignFiles
import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import CountersignTesting
import Logging
import Synchronization

/// An agent with everything around it, driven by hand.
final class AgentWorld {
    let folder: ScratchFolder
    let time: TestTime
    let authority: FakeAuthority
    let worker = ManualWorker()
    let health: HealthState
    let registry = MetricsRegistry()
    let metrics: AgentMetrics
    let token = Mutex<String?>("join-me")
    /// What consumers were told, and what comes of it.
    let told = Mutex<[String]>([])
    let outcome = Mutex<ReloadOutcome>(.done(output: ""))
    /// Takes what there is for workloads.
    private let workloads = Mutex<(@Sendable (WorkloadHoldings) -> Void)?>(nil)
    private var made: AgentCore?
    var settings: AgentSettings

    var certificates: String { folder.file("certs") }

    /// - Parameter sharing: another agent's surroundings, as after a restart on the same host.
    init(
        services: [ServiceSettings] = [ServiceSettings(name: "user-svc")],
        after previous: AgentWorld? = nil,
        configure: (inout AgentSettings) -> Void = { _ in }
    ) throws {
        folder = try previous?.folder ?? ScratchFolder()
        let time = previous?.time ?? TestTime()
        self.time = time
        authority = try previous?.authority ?? FakeAuthority(time: time)
        health = HealthState { time.now * 1_000_000 }
        metrics = AgentMetrics(registry: registry)
        settings = AgentSettings(
            services: services,
            hostName: "host-1",
            joinTokenPlace: "run/join-token",
            joinTicket: { nil }
        )
        settings.pinnedAuthorities = authority.bundlePEM
        let holder = Weak()
        settings.joinTicket = { () throws(AuthorityCallError) in
            guard let text = holder.world?.token.withLock({ $0 }) else { return nil }
            return try JoinTicket(content: Array(text.utf8))
        }
        settings.quietTime = .milliseconds(5)
        configure(&settings)
        previous?.made = nil
        holder.set(self)
        made = try AgentCore(
            settings: settings,
            directory: try CertificateDirectory(path: certificates),
            client: authority,
            worker: worker,
            surroundings: AgentCore.Surroundings(
                clock: { time.now },
                reload: { action, paths in
                    holder.world?.told.withLock { $0.append(paths.service) }
                    return holder.world?.outcome.withLock { $0 } ?? .done(output: "")
                },
                health: health,
                metrics: metrics,
                logger: Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() },
                workloads: { holdings in holder.world?.workloads.withLock { $0 }?(holdings) }
            )
        )
        health.markStarted()
    }

    /// The agent; a test that goes on with one that another has taken the place of is wrong.
    var core: AgentCore {
        guard let made else { preconditionFailure("this agent has been restarted") }
        return made
    }

    /// Wakes the agent, and has everything done that follows, consumers told included.
    func settle() {
        core.handle(.clock)
        while let work = worker.take(.authority) ?? worker.take(.reload) { core.handle(work()) }
    }

    /// Lets time pass up to a moment, in Unix milliseconds, waking the agent whenever it wants to be.
    func run(until moment: Int64) {
        while core.wakeAt <= moment {
            time.advance(to: core.wakeAt)
            settle()
        }
        time.advance(to: moment)
        settle()
    }

    func run(seconds: Int64) {
        run(until: time.now + seconds * 1000)
    }

    /// Has what there is for workloads handed on.
    func publish(to take: @escaping @Sendable (WorkloadHoldings) -> Void) {
        workloads.withLock { $0 = take }
    }

    func file(_ name: String) -> [UInt8]? {
        try? FileContent.read("\(certificates)/\(name)", maximumBytes: 1 << 20).bytes
    }

    /// The certificate of a service as a reader finds it, when its key matches.
    func certificate(_ service: String = "user-svc") throws -> ParsedCertificate? {
        guard let chain = file("\(service)/cert.pem"), let key = file("\(service)/key.pem") else { return nil }
        let leaf = try CertificateChain(pem: chain).certificates[0]
        return try PrivateKey(pem: key).matches(leaf) ? leaf : nil
    }

    func report() -> String {
        String(decoding: health.fullReport().body, as: UTF8.self)
    }

    /// The value of a sample; nil when there is none of that name and those labels.
    func metricValue(_ sample: String) -> Double? {
        String(decoding: registry.render(), as: UTF8.self).split(separator: "\n").lazy
            .first { $0.hasPrefix("\(sample) ") }.flatMap { Double($0.dropFirst(sample.utf8.count + 1)) }
    }

    func metric(_ line: String) -> Bool {
        String(decoding: registry.render(), as: UTF8.self).split(separator: "\n").contains { $0 == line }
    }
}

/// The world as closures see it.
private final class Weak: @unchecked Sendable {
    // SAFETY: set once before it is read, and used by one test's thread.
    private(set) weak var world: AgentWorld?

    func set(_ world: AgentWorld) { self.world = world }
}
