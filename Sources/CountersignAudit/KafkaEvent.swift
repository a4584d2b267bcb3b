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
    /// How things are, about once a second.
    case state(KafkaStatistics)
}

/// An error of the client library or of a broker.
struct KafkaFault: Hashable {
    /// The error's name, as `MSG_SIZE_TOO_LARGE`.
    let name: String
    /// The error in words.
    let words: String
    /// What the error says is wrong.
    let subject: Subject

    /// What an error is about.
    enum Subject: Hashable {
        /// The event, which would fail again in the same way.
        case event
        /// The producer, of which brokers take nothing more.
        case producer
        /// Something that may be over later, such as a broker that is away.
        case way
    }
}
