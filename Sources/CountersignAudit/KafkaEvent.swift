/// What the client library tells of its connections and of the events that it was given.
enum KafkaEvent {
    /// A broker has confirmed the event of this number.
    case delivered(UInt64)
    /// The event of this number was not delivered.
    case failed(UInt64, KafkaFault)
    /// Something is wrong with connections; the library tries again by itself unless it `isFatal`.
    case trouble(KafkaFault, isFatal: Bool)
    /// A line for the log.
    case log(level: Int32, text: String)
    /// Whether any broker is connected.
    case state(isConnected: Bool)
}

/// An error of the client library or of a broker.
struct KafkaFault: Hashable {
    /// The error's name, as `MSG_SIZE_TOO_LARGE`.
    let name: String
    /// The error in words.
    let words: String
    /// Whether the same event would fail again in the same way.
    let isAboutEvent: Bool
}
