import CRdKafka

/// The client library's settings while they are put together.
///
/// The library takes them over with the producer; until then they are this value's to destroy.
@safe
struct KafkaConfiguration: ~Copyable {
    // SAFETY: the pointer is destroyed once, here or by the library.
    private var pointer: OpaquePointer?
    /// The certificate with its intermediates, which the library reads from files alone.
    private var chain: MemoryFile?

    /// The settings of a producer that neither loses nor repeats what it is given while it lives.
    ///
    /// - Throws: ``KafkaError`` for what the library does not take.
    init(_ settings: KafkaSettings) throws(KafkaError) {
        unsafe pointer = rd_kafka_conf_new()
        chain = nil
        try set("client.id", "countersign")
        try set("bootstrap.servers", settings.brokers.joined(separator: ","))
        try set("enable.idempotence", "true")
        try set("acks", "all")
        // Whether to give up is for the spool's bounds to say, and not for time.
        try set("message.timeout.ms", "0")
        try set("linger.ms", "5")
        try set("reconnect.backoff.ms", "100")
        try set("reconnect.backoff.max.ms", "2000")
        try set("socket.keepalive.enable", "true")
        try set("statistics.interval.ms", "1000")
        try set("log.queue", "true")
        let scheme = settings.user == nil ? "" : "sasl_"
        try set("security.protocol", scheme + (settings.tls == nil ? "plaintext" : "ssl"))
        if let tls = settings.tls {
            try set("ssl.ca.pem", tls.authorities)
            try set("ssl.endpoint.identification.algorithm", "https")
            if let certificate = tls.certificate, let key = tls.key {
                chain = MemoryFile(certificate)
                try set("ssl.certificate.location", chain?.path ?? "")
                try set("ssl.key.pem", key, isSecret: true)
            }
        }
        if let user = settings.user {
            try set("sasl.mechanism", user.mechanism)
            try set("sasl.username", user.name)
            try set("sasl.password", user.password, isSecret: true)
        }
        let events = RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG | RD_KAFKA_EVENT_STATS
        unsafe rd_kafka_conf_set_events(pointer, events)
    }

    deinit {
        if let pointer = unsafe pointer { unsafe rd_kafka_conf_destroy(pointer) }
    }

    /// Makes a producer.
    ///
    /// - Throws: ``KafkaError`` with the library's words.
    consuming func makeProducer() throws(KafkaError) -> OpaquePointer {
        var words = [CChar](repeating: 0, count: 512)
        guard let producer = unsafe rd_kafka_new(RD_KAFKA_PRODUCER, pointer, &words, words.count) else {
            throw KafkaError("the settings of Kafka cannot be used: \(Self.text(words))")
        }
        unsafe pointer = nil
        return unsafe producer
    }

    private func set(_ name: String, _ value: String, isSecret: Bool = false) throws(KafkaError) {
        var words = [CChar](repeating: 0, count: 512)
        let result = unsafe rd_kafka_conf_set(pointer, name, value, &words, words.count)
        guard result != RD_KAFKA_CONF_OK else { return }
        throw KafkaError("\(name) cannot be used" + (isSecret ? "" : ": \(Self.text(words))"))
    }

    private static func text(_ words: [CChar]) -> String {
        String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
