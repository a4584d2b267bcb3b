import CountersignNATS
import CountersignNATSClient
import CountersignRegistration
import CountersignRouter
import CountersignRouting
import CountersignTelemetry
import CountersignTransport
import Glibc
import Logging

/// Takes what comes over the bus into a router's routes; lives on the bus's thread.
final class RouteBusDesk: NATSListener {
    /// What it works with.
    struct Surroundings: Sendable {
        let router: Router
        let health: HealthState
        let metrics: BusMetrics
        let logger: Logger
    }

    private let rules: RouteBusPlan.Rules
    private let router: Router
    private let health: HealthState
    let metrics: BusMetrics
    let logger: Logger
    private var desk = RegistrationDesk()
    private var loop: EventLoop?
    private var pruning: LoopTimer?
    private var collecting: LoopTimer?
    private var second: LoopTimer?
    private var isConnected = false
    /// Whether routes have been collected for long enough once.
    private var hasCollected = false
    /// Whether pruning was left out since the routes were heard last.
    private var hasSuspended = false
    private var lastTrouble: String?
    var logBudget = RouteBusDesk.logsPerSecond
    private let start: [UInt8]

    init(_ rules: RouteBusPlan.Rules, _ surroundings: Surroundings) {
        self.rules = rules
        self.router = surroundings.router
        self.health = surroundings.health
        self.metrics = surroundings.metrics
        self.logger = surroundings.logger
        self.start = Self.start(rules, surroundings.router)
    }

    func started(on loop: EventLoop) {
        self.loop = loop
        let threshold = UInt32(clamping: rules.staleThreshold.components.seconds)
        let emptyPoolTimeout = rules.emptyPoolTimeout?.nanoseconds ?? 0
        router.changeRoutes {
            $0.staleThreshold = threshold
            $0.emptyPoolTimeout = emptyPoolTimeout
        }
        pruning = LoopTimer(loop: loop) { [unowned self] in prune() }
        pruning?.set(after: rules.pruneInterval)
        collecting = LoopTimer(loop: loop) { [unowned self] in collected() }
        second = LoopTimer(loop: loop) { [unowned self] in secondPassed() }
        second?.set(after: .seconds(1))
        metrics.connected.set(0)
    }

    func connected(to server: String, _ connection: NATSConnection) {
        isConnected = true
        lastTrouble = nil
        metrics.connected.set(1)
        metrics.connections.add()
        if hasSuspended {
            hasSuspended = false
            router.changeRoutes { [now] in $0.refreshAll(now: now) }
        }
        logger.notice("connected to the bus", metadata: ["server": .string(server)])
        if hasCollected {
            health.set("nats", .ok)
        } else {
            health.set("nats", .failed(reason: "routes are being collected"))
            collecting?.set(after: rules.startDelay)
        }
        connection.publish("router.start", start)
    }

    func received(_ messages: [NATSMessage], in bytes: Span<UInt8>, _ connection: NATSConnection) {
        let now = self.now
        var replies: [String] = []
        router.changeRoutes { registry in
            for message in messages { take(message, bytes, &registry, now, &replies) }
        }
        for reply in replies { connection.publish(reply, start) }
    }

    func dropped(bytes: Int) {
        reject(.oversized, "it has \(bytes) bytes", subject: "")
    }

    func complained(_ server: String, _ words: String) {
        logger.warning("the bus objects", metadata: ["server": .string(server), "objection": .string(words)])
    }

    func disconnected(from server: String, reason: String, wasConnected: Bool) {
        isConnected = false
        metrics.connected.set(0)
        let trouble = "\(server): \(reason)"
        if hasCollected {
            let fate =
                rules.suspendsPruning
                ? "endpoints stay as they are" : "endpoints end \(rules.staleThreshold) after they were registered last"
            health.set("nats", .degraded(reason: "no server of the bus can be reached (\(trouble)); \(fate)"))
        } else {
            health.set("nats", .failed(reason: "no server of the bus can be reached: \(trouble)"))
        }
        guard wasConnected || trouble != lastTrouble, takeLogTurn() else { return }
        lastTrouble = trouble
        logger.warning(
            wasConnected ? "connection to the bus lost" : "the bus cannot be reached",
            metadata: ["server": .string(server), "reason": .string(reason)]
        )
    }

    private func take(
        _ message: NATSMessage,
        _ bytes: Span<UInt8>,
        _ registry: inout RouteRegistry,
        _ now: UInt64,
        _ replies: inout [String]
    ) {
        let kind = BusMessageKind(subject: bytes.extracting(message.subject))
        metrics.messages.add(kind, shard: 0)
        do throws(RegistrationError) {
            switch kind {
            case .register: note(try desk.register(bytes, message.payload, in: &registry, now: now), kind)
            case .unregister: note(try desk.unregister(bytes, message.payload, in: &registry, now: now), kind)
            case .greet: if !message.reply.isEmpty { replies.append(Self.text(bytes, message.reply)) }
            case .other: break
            }
        } catch {
            reject(error.code == .routeService ? .routeService : .malformed, error.message, subject: "\(kind.text)")
        }
    }

    private func prune() {
        pruning?.set(after: rules.pruneInterval)
        if rules.suspendsPruning, !isConnected {
            hasSuspended = true
            return
        }
        let ended = router.changeRoutes { [now] in $0.prune(now: now) }
        guard ended > 0 else { return }
        metrics.pruned.add(UInt64(ended))
        logger.notice("endpoints ended", metadata: ["endpoints": .stringConvertible(ended)])
    }

    private func collected() {
        guard isConnected else { return }
        hasCollected = true
        health.set("nats", .ok)
    }

    private func secondPassed() {
        logBudget = Self.logsPerSecond
        router.changeRoutes { [now] in _ = $0.dropEmptied(now: now) }
        second?.set(after: .seconds(1))
    }

    private var now: UInt64 { loop?.now ?? 0 }

    static func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        String(decoding: range.map { bytes[$0] }, as: UTF8.self)
    }

    private static func start(_ rules: RouteBusPlan.Rules, _ router: Router) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        let id = String(generator.next(), radix: 16) + String(generator.next(), radix: 16)
        return RouterStart(
            id: "0-\(id)",
            hosts: Array(Set(router.addresses.map(\.host))).sorted(),
            minimumRegisterInterval: Int(rules.startDelay.components.seconds),
            pruneThreshold: Int(rules.staleThreshold.components.seconds)
        ).bytes
    }

    static let logsPerSecond = 20
}

extension BusMessageKind {
    /// The kind of a message on a subject.
    init(subject: Span<UInt8>) {
        self =
            if subject.isEqual(to: "router.register") {
                .register
            } else if subject.isEqual(to: "router.unregister") {
                .unregister
            } else if subject.isEqual(to: "router.greet") {
                .greet
            } else {
                .other
            }
    }
}

extension Span<UInt8> {
    fileprivate func isEqual(to text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { letters in
            for index in letters.indices where unsafe letters[index] != self[index] { return false }
            return true
        }
    }
}
