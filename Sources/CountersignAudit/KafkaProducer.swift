import CRdKafka
import Glibc

/// Kafka's client library as far as it is needed; for one thread.
@safe
final class KafkaProducer {
    /// What became of an event that was handed over.
    enum Handover {
        /// The library has it, and will tell what became of it.
        case taken
        /// The library has too many; the event may be handed over later.
        case busy
        /// The library does not take it.
        case refused(KafkaFault)
    }

    // SAFETY: made in the initialiser, destroyed in the deinitialiser, used in between by one thread.
    private let handle: OpaquePointer
    private let queue: OpaquePointer
    private let topic: OpaquePointer

    /// Begins to connect.
    ///
    /// - Parameters:
    ///   - settings: how Kafka is reached.
    ///   - wake: is signalled when there is something to take.
    /// - Throws: ``KafkaError`` for settings that the library does not take.
    init(_ settings: KafkaSettings, wake: AuditWake) throws(KafkaError) {
        let handle = try unsafe KafkaConfiguration(settings).makeProducer()
        guard let queue = unsafe rd_kafka_queue_get_main(handle),
            let topic = unsafe rd_kafka_topic_new(handle, settings.topic, nil)
        else {
            unsafe rd_kafka_destroy(handle)
            throw KafkaError("the topic \(settings.topic) cannot be used")
        }
        unsafe (self.handle, self.queue, self.topic) = (handle, queue, topic)
        unsafe rd_kafka_set_log_queue(handle, nil)
        var one: UInt64 = 1
        unsafe rd_kafka_queue_io_event_enable(queue, wake.descriptor, &one, 8)
    }

    deinit {
        unsafe rd_kafka_queue_io_event_enable(queue, -1, nil, 0)
        let flags = RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING
        _ = unsafe rd_kafka_purge(handle, flags)
        unsafe rd_kafka_topic_destroy(topic)
        unsafe rd_kafka_queue_destroy(queue)
        unsafe rd_kafka_destroy(handle)
    }

    /// Hands an event over.
    ///
    /// - Parameters:
    ///   - message: the event, which is copied.
    ///   - number: what the library tells it by.
    func send(_ message: AuditMessage, number: UInt64) -> Handover {
        // Nil stands for no number.
        let tag = unsafe UnsafeMutableRawPointer(bitPattern: UInt(number) &+ 1)
        var content = message.content
        let result = unsafe content.withUnsafeMutableBytes { content in
            unsafe message.key.withUnsafeBytes { key in
                unsafe rd_kafka_produce(
                    topic,
                    -1,
                    RD_KAFKA_MSG_F_COPY,
                    content.baseAddress,
                    content.count,
                    key.baseAddress,
                    key.count,
                    tag
                )
            }
        }
        guard result != 0 else { return .taken }
        let code = rd_kafka_last_error()
        if code == RD_KAFKA_RESP_ERR__QUEUE_FULL { return .busy }
        return .refused(Self.fault(code))
    }

    /// Takes what the library has to tell, without waiting.
    func events() -> [KafkaEvent] {
        var events: [KafkaEvent] = []
        while let event = unsafe rd_kafka_queue_poll(queue, 0) {
            unsafe read(event, into: &events)
            unsafe rd_kafka_event_destroy(event)
        }
        return events
    }

    private func read(_ event: OpaquePointer, into events: inout [KafkaEvent]) {
        switch unsafe rd_kafka_event_type(event) {
        case RD_KAFKA_EVENT_DR:
            while let message = unsafe rd_kafka_event_message_next(event) {
                let number = unsafe UInt64(UInt(bitPattern: message.pointee._private) &- 1)
                let code = unsafe message.pointee.err
                events.append(
                    code == RD_KAFKA_RESP_ERR_NO_ERROR ? .delivered(number) : .failed(number, Self.fault(code))
                )
            }
        case RD_KAFKA_EVENT_ERROR:
            let words = unsafe rd_kafka_event_error_string(event).map { unsafe String(cString: $0) }
            let code = unsafe rd_kafka_event_error(event)
            let isFatal = unsafe rd_kafka_event_error_is_fatal(event) != 0
            events.append(.trouble(Self.fault(code, words: words), isFatal: isFatal))
        case RD_KAFKA_EVENT_LOG:
            var facility: UnsafePointer<CChar>?
            var text: UnsafePointer<CChar>?
            var level: Int32 = 0
            guard unsafe rd_kafka_event_log(event, &facility, &text, &level) == 0, let text = unsafe text else {
                return
            }
            events.append(.log(level: level, text: unsafe String(cString: text)))
        case RD_KAFKA_EVENT_STATS:
            guard let text = unsafe rd_kafka_event_stats(event) else { return }
            events.append(.state(KafkaStatistics(unsafe String(cString: text))))
        default: break
        }
    }

    private static func fault(_ code: rd_kafka_resp_err_t, words: String? = nil) -> KafkaFault {
        let name = unsafe rd_kafka_err2name(code).map { unsafe String(cString: $0) } ?? "error"
        let standard = unsafe rd_kafka_err2str(code).map { unsafe String(cString: $0) } ?? name
        return KafkaFault(
            name: name,
            words: words ?? standard,
            subject: subject(code)
        )
    }

    private static func subject(_ code: rd_kafka_resp_err_t) -> KafkaFault.Subject {
        switch code {
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_RECORD: .event
        case RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING,
            RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, RD_KAFKA_RESP_ERR__FENCED,
            RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, RD_KAFKA_RESP_ERR__FATAL:
            .producer
        default: .way
        }
    }
}
