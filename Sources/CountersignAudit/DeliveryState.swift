/// How the way to Kafka is, as far as the delivery has seen.
struct DeliveryState: Sendable {
    /// The longest that an event may wait, in milliseconds, before health says so.
    static let patience: Int64 = 60_000
    /// The longest that brokers may neither take nor refuse events, in milliseconds, before health says so.
    static let longestSilence: Int64 = 10_000

    /// Whether any broker is connected; nil while that is not known.
    var isConnected: Bool?
    /// The last that was heard of a connection that does not work.
    var trouble = "not connected yet"
    /// Why the last attempt to deliver an event failed; nil when it succeeded.
    var refusal: String?
    /// How long brokers have neither taken nor refused an event, in milliseconds; 0 when they have none.
    var silence: Int64 = 0
    /// Why the spool cannot be read; nil while it can.
    var readFault: String?
    /// When the oldest event that waits happened, in Unix milliseconds; nil when none waits.
    var oldest: Int64?

    /// Whether brokers should have taken or refused an event by now.
    var isSilent: Bool { silence > Self.longestSilence }

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
        if isSilent { return "Kafka has neither taken nor refused an event for \(silence / 1000) s" }
        guard age(at: now) > Self.patience else { return nil }
        return "events wait for Kafka for more than \(Self.patience / 1000) s"
    }
}
