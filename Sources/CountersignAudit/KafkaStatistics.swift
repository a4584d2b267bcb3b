import CountersignJSON

/// What the client library's statistics say.
struct KafkaStatistics: Hashable {
    /// What brokers know a producer by.
    struct Producer: Hashable {
        /// The number that a broker has given it.
        let id: Int64
        /// The library raises it by itself when brokers do not know the producer.
        let epoch: Int64
    }

    /// Whether any broker is connected.
    let isConnected: Bool
    /// What brokers know the producer by; nil before the first of them has given it a number.
    let producer: Producer?

    /// Takes the parts.
    init(isConnected: Bool, producer: Producer?) {
        (self.isConnected, self.producer) = (isConnected, producer)
    }

    /// Reads the statistics' JSON; what it does not say is not so.
    init(_ text: String) {
        let members = Self.members(try? JSONValue(parsing: Array(text.utf8)))
        isConnected = Self.members(members["brokers"]).values.contains { broker in
            let state = Self.members(broker)["state"]
            return state == .string("UP") || state == .string("UPDATE")
        }
        let known = Self.members(members["eos"])
        if case .number(let id)? = known["producer_id"], case .number(let epoch)? = known["producer_epoch"], id >= 0 {
            producer = Producer(id: id, epoch: epoch)
        } else {
            producer = nil
        }
    }

    private static func members(_ value: JSONValue?) -> [String: JSONValue] {
        guard case .object(let members)? = value else { return [:] }
        return Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
    }
}
