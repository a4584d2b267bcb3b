/// How the way to Kafka is, as far as the delivery has seen.
struct DeliveryState: Sendable {
    /// The longest that an event may wait, in milliseconds, before health says so.
    static let patience: Int64 = 60_000

    /// Whether any broker is connected; nil while that is not known.
    var isConnected: Bool?
    /// The last that was heard of a connection that does not work.
    var trouble = "not connected yet"
    /// Why the last attempt to deliver an event failed; nil when it succeeded.
    var refusal: String?
    /// Why the spool cannot be read; nil while it can.
    var readFault: String?
    /// When the oldest event that waits happened, in Unix milliseconds; nil when none waits.
    var oldest: Int64?

    /// How long the oldest event has waited, in milliseconds; 0 when none does, or when the clock was put back.
    func age(at now: Int64) -> Int64 {
        guard let oldest, now > oldest else { return 0 }
        let age = now.subtractingReportingOverflow(oldest)
        return age.overflow ? .max : age.partialValue
    }

    /// What is wrong; nil when nothing is.
    ///
    /// - Parameter now: Unix milliseconds.
    func problem(at now: Int64) -> String? {
        if let readFault { return readFault }
        guard isConnected == true else { return "no broker of Kafka is connected (\(trouble))" }
        if let refusal { return "Kafka does not take events (\(refusal))" }
        guard age(at: now) > Self.patience else { return nil }
        return "events wait for Kafka for more than \(Self.patience / 1000) s"
    }
}
