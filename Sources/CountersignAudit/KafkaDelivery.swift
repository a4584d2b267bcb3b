import CountersignSpool
import CountersignTelemetry
import CountersignTransport
import Glibc
import Logging

/// Takes events out of the spool and brings them to Kafka; each leaves the spool when a broker has confirmed it.
///
/// For one thread.
final class KafkaDelivery {
    private let spool: Spool
    private let reader: SpoolReader
    private let metrics: AuditMetrics
    private let logger: Logger
    private let wake: AuditWake
    private var settings: KafkaSettings
    private var producer: KafkaProducer
    private var watch = ProducerWatch()
    /// When the producer was made, on the monotonic clock.
    private var madeAt = MonotonicClock.nanoseconds()
    private var window = DeliveryWindow()
    /// When sending goes on after a failure, on the monotonic clock.
    private var pausedUntil: Int64 = 0
    private var seen = DeliveryState()
    /// When the spool is read again after it could not be, on the monotonic clock.
    private var readAgainAt: Int64 = 0
    /// How often in a row the spool could not be read.
    private var readFaults = 0
    private var damage = SpoolDamage()
    private var retries = ProducerRetries()
    /// When another producer is tried, on the monotonic clock; nil while there is one that works.
    private var startAgainAt: Int64?
    /// Whether the log's last word is that nothing is delivered.
    private var hasToldTrouble = false

    /// Begins to connect.
    ///
    /// - Throws: ``KafkaError`` for settings that cannot be used.
    init(
        _ settings: KafkaSettings,
        _ spool: Spool,
        _ metrics: AuditMetrics,
        _ logger: Logger,
        _ wake: AuditWake
    ) throws(KafkaError) {
        self.settings = settings
        self.spool = spool
        self.reader = SpoolReader(spool)
        self.metrics = metrics
        self.logger = logger
        self.wake = wake
        self.producer = try KafkaProducer(settings, wake: wake)
    }

    /// Whether everything that was put into the spool has been confirmed.
    var isDrained: Bool { window.count == 0 && spool.waiting == 0 }

    /// How the way to Kafka is.
    var state: DeliveryState {
        var state = seen
        // What cannot be read any more is not younger than what was read last.
        state.oldest = window.oldest ?? (seen.readFault == nil ? nil : seen.oldest)
        return state
    }

    /// Does what there is to do, without waiting.
    func advance() {
        if let startAgainAt, MonotonicClock.nanoseconds() >= startAgainAt { startOver() }
        listen()
        watchProducer()
        fill()
        send()
        acknowledge()
    }

    /// Reaches Kafka by other settings from now on; when they cannot be used, the old ones stay.
    func replace(_ next: KafkaSettings) {
        guard next != settings else { return }
        do throws(KafkaError) {
            let producer = try KafkaProducer(next, wake: wake)
            listen()
            acknowledge()
            settings = next
            retries = ProducerRetries()
            take(producer, after: nil)
            seen.refusal = nil
            logger.notice("audit events go to Kafka by new settings", metadata: ["kafka": .string("\(next)")])
        } catch {
            logger.error(
                "the new settings of Kafka cannot be used; the old ones stay",
                metadata: ["reason": .string("\(error)")]
            )
        }
    }

    private func fill() {
        guard seen.readFault == nil || MonotonicClock.nanoseconds() >= readAgainAt else { return }
        var (lost, lostBytes) = (0, 0)
        do throws(SystemError) {
            while window.count < Self.windowCount, window.bytes < Self.windowBytes, let record = try reader.next() {
                guard case .whole(let payload) = record.content, let message = AuditMessage(payload: payload) else {
                    lost += 1
                    lostBytes += record.length
                    window.add(nil, end: record.end, isWhole: record.isWhole)
                    continue
                }
                window.add(message, end: record.end)
                seen.oldest = message.time
            }
            (seen.readFault, readFaults) = (nil, 0)
        } catch {
            if seen.readFault != error.description {
                logger.error("the spool cannot be read", metadata: ["reason": .string("\(error)")])
            }
            seen.readFault = error.description
            readAgainAt = MonotonicClock.nanoseconds() + Self.pause
            readFaults += 1
            // A disk that comes back is waited for; one block that does not holds up nothing for ever.
            if error.code == EIO, readFaults >= Self.mostReadFaults { reader.passOverUnreadable() }
        }
        for _ in 0..<lost { metrics.count(.damaged) }
        damage.add(events: lost, bytes: lostBytes)
        tellDamage()
    }

    private func tellDamage() {
        guard let damage = damage.due(at: MonotonicClock.nanoseconds()) else { return }
        logger.error(
            "the spool is damaged; events are missing",
            metadata: ["events": .stringConvertible(damage.events), "bytes": .stringConvertible(damage.bytes)]
        )
    }

    private func send() {
        guard startAgainAt == nil, MonotonicClock.nanoseconds() >= pausedUntil else { return }
        while let (number, message) = window.next() {
            switch producer.send(message, number: number) {
            case .taken:
                window.sent(number)
                watch.handedOver(at: MonotonicClock.nanoseconds())
            case .busy: return
            case .refused(let fault):
                window.sent(number)
                failed(number, fault)
                if fault.subject != .event { return }
            }
        }
    }

    private func listen() {
        var end: KafkaFault?
        for event in producer.events() {
            switch event {
            case .delivered(let number):
                guard let message = window.finished(number) else { continue }
                metrics.delivered.add()
                metrics.latency.observe(nanoseconds: WallClock.nanoseconds() - message.timeInNanoseconds, shard: 0)
                seen.refusal = nil
                retries = ProducerRetries()
                setConnected(true)
                watch.answered(isDelivered: true, at: MonotonicClock.nanoseconds())
                tellDelivered()
            case .failed(let number, let fault):
                watch.answered(isDelivered: false, at: MonotonicClock.nanoseconds())
                failed(number, fault)
                if fault.subject == .producer { end = fault }
            case .trouble(let fault, let isFatal):
                seen.trouble = fault.words
                if isFatal { end = fault }
                guard !isFatal || retries.isNew("trouble \(fault.name)") else { continue }
                logger.warning(
                    "Kafka cannot be reached as it should",
                    metadata: ["kafka_error": .string(fault.name), "reason": .string(fault.words)]
                )
            case .log(let level, let text):
                logger.log(
                    level: Self.level(level),
                    "librdkafka",
                    metadata: ["text": .string(String(text.prefix(1000)))]
                )
            case .state(let statistics):
                watch.saw(statistics, at: MonotonicClock.nanoseconds())
                setConnected(statistics.isConnected)
            }
        }
        if let end, startAgainAt == nil { giveUp("the producer has failed for good: \(end.words)", of: end.name) }
    }

    /// Makes another producer when this one gets nowhere, and tells when brokers are silent.
    private func watchProducer() {
        let now = MonotonicClock.nanoseconds()
        let wasSilent = seen.isSilent
        seen.silence = watch.silence(at: now) / 1_000_000
        if seen.isSilent, !wasSilent {
            hasToldTrouble = true
            logger.warning("Kafka is connected, and neither takes nor refuses audit events")
        }
        guard startAgainAt == nil, let fault = watch.fault(at: now) else { return }
        switch fault {
        case .unknown: giveUp("the brokers do not know the producer any more", of: "unknown", after: fault)
        case .silent:
            let reason = "the brokers have neither taken nor refused an event for \(seen.silence / 1000) s"
            giveUp(reason, of: "silent", after: fault)
        }
    }

    private func tellDelivered() {
        guard hasToldTrouble else { return }
        hasToldTrouble = false
        logger.notice("audit events are delivered again")
    }

    private func failed(_ number: UInt64, _ fault: KafkaFault) {
        metrics.failures.add()
        if fault.subject == .event {
            guard window.finished(number) != nil else { return }
            metrics.count(.rejected)
            logger.error(
                "A BROKER DOES NOT TAKE AN AUDIT EVENT, WHICH IS LOST TO KAFKA",
                metadata: ["kafka_error": .string(fault.name), "reason": .string(fault.words)]
            )
            return
        }
        window.failed(number)
        seen.refusal = fault.words
        let now = MonotonicClock.nanoseconds()
        guard now >= pausedUntil else { return }
        pausedUntil = now + Self.pause
        seen.trouble = fault.words
        hasToldTrouble = true
        guard fault.subject != .producer || retries.isNew("failed \(fault.name)") else { return }
        logger.warning(
            "audit events were not delivered and are tried again",
            metadata: ["kafka_error": .string(fault.name), "reason": .string(fault.words)]
        )
    }

    /// This producer delivers nothing more; another one does, at once or when this one is old enough.
    ///
    /// - Parameters:
    ///   - reason: why, in words.
    ///   - cause: the kind of it, which the log is told once until an event is delivered.
    ///   - fault: what the watch has found.
    private func giveUp(_ reason: String, of cause: String, after fault: ProducerWatch.Fault? = nil) {
        seen.refusal = reason
        hasToldTrouble = true
        if retries.isNew("given up \(cause)") {
            logger.warning(
                "audit events are not delivered; another producer for Kafka is made",
                metadata: ["reason": .string(reason)]
            )
        }
        let due = madeAt + retries.takePause()
        if MonotonicClock.nanoseconds() >= due { startOver(after: fault) } else { startAgainAt = due }
    }

    private func startOver(after fault: ProducerWatch.Fault? = nil) {
        do throws(KafkaError) {
            take(try KafkaProducer(settings, wake: wake), after: fault)
        } catch {
            startAgainAt = MonotonicClock.nanoseconds() + retries.takePause()
            seen.refusal = "\(error)"
            guard retries.isNew("\(error)") else { return }
            logger.error("Kafka cannot be reached any more", metadata: ["reason": .string("\(error)")])
        }
    }

    /// Goes on with another producer, which gets all that is not confirmed.
    private func take(_ next: KafkaProducer, after fault: ProducerWatch.Fault?) {
        producer = next
        madeAt = MonotonicClock.nanoseconds()
        startAgainAt = nil
        watch.startOver(after: fault)
        window.sendAllAgain()
    }

    private func acknowledge() {
        guard let done = window.takeFinished() else { return }
        spool.acknowledge(through: done.end, count: done.count)
    }

    private func setConnected(_ now: Bool) {
        guard now != seen.isConnected else { return }
        seen.isConnected = now
        metrics.isUp.set(now ? 1 : 0)
        if now {
            logger.notice("connected to Kafka", metadata: ["kafka": .string("\(settings)")])
        } else {
            logger.warning("no broker of Kafka is connected", metadata: ["reason": .string(seen.trouble)])
        }
    }

    /// The level of a line with a level of syslog.
    private static func level(_ level: Int32) -> Logger.Level {
        switch level {
        case ...3: .error
        case 4: .warning
        case 5, 6: .info
        default: .debug
        }
    }

    private static let windowCount = 4096
    private static let windowBytes = 8 * 1024 * 1024
    /// How many attempts, a pause apart, there are to read what the disk cannot read.
    private static let mostReadFaults = 60
    /// Nanoseconds between a failure and the next attempt.
    private static let pause: Int64 = 1_000_000_000
}
