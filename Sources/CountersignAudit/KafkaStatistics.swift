import CountersignJSON

/// What the client library's statistics say.
enum KafkaStatistics {
    /// Whether any broker is connected, by the statistics' JSON.
    static func isConnected(_ text: String) -> Bool {
        guard case .object(let members)? = try? JSONValue(parsing: Array(text.utf8)),
            case .object(let brokers)? = members.first(where: { $0.name == "brokers" })?.value
        else { return false }
        return brokers.contains { broker in
            guard case .object(let members) = broker.value,
                case .string(let state)? = members.first(where: { $0.name == "state" })?.value
            else { return false }
            return state == "UP" || state == "UPDATE"
        }
    }
}
