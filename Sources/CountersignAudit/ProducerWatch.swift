/// Whether the library's producer gets anywhere with what it was given.
///
/// A broker that has lost its memory may refuse a producer for ever. The library then raises the producer's epoch by itself
/// and sends again, without a word of it; nothing but its statistics shows that.
///
/// Times are nanoseconds of the monotonic clock.
struct ProducerWatch {
    /// Why another producer is needed.
    enum Fault: Hashable {
        /// Brokers do not take what it sends, as they do not know it.
        case unknown
        /// Brokers are connected, and neither take nor refuse anything.
        case silent
    }

    /// How many events the producer has.
    private var count = 0
    /// Since when it has events, a broker is connected, and nothing came of any of them.
    private var silentSince: Int64?
    private var statistics = KafkaStatistics(isConnected: false, producer: nil)
    /// How often in a row its epoch was raised while it had events.
    private var changes = 0
    private var lastChange: Int64 = 0
    /// How long a producer may be silent; doubled by each that was, as another one may deliver events twice.
    private var longestSilence = Self.shortestTerm

    /// The producer has got an event.
    mutating func handedOver(at now: Int64) {
        count += 1
        silentSince = silentSince ?? now
    }

    /// A broker has taken an event, or the library has given it up.
    mutating func answered(isDelivered: Bool, at now: Int64) {
        count = max(0, count - 1)
        silentSince = count > 0 ? now : nil
        // One broker of several may take events while another one knows nothing of the producer.
        if count == 0 || !isDelivered { changes = 0 }
        if isDelivered { longestSilence = Self.shortestTerm }
    }

    /// The library has told how things are; it does so every second.
    mutating func saw(_ next: KafkaStatistics, at now: Int64) {
        if let old = statistics.producer, let new = next.producer, old != new, count > 0 {
            changes = now - lastChange <= Self.longestGap ? changes + 1 : 1
            lastChange = now
        }
        // Without brokers nothing is expected of it.
        if !next.isConnected || !statistics.isConnected, silentSince != nil { silentSince = now }
        statistics = next
    }

    /// How long nothing has come of any event.
    func silence(at now: Int64) -> Int64 {
        guard statistics.isConnected, let silentSince else { return 0 }
        return max(0, now - silentSince)
    }

    /// Why another producer is needed; nil when it is not.
    func fault(at now: Int64) -> Fault? {
        if changes >= Self.mostChanges { return .unknown }
        return silence(at: now) >= longestSilence ? .silent : nil
    }

    /// Another producer has taken the place of this one.
    mutating func startOver(after fault: Fault?) {
        let next = fault == .silent ? min(longestSilence * 2, Self.longestTerm) : longestSilence
        self = ProducerWatch()
        longestSilence = next
    }

    /// One change may be an answer that was lost with a connection.
    private static let mostChanges = 3
    private static let longestGap: Int64 = 10_000_000_000
    /// Brokers may take their time; the library tries for a minute to get a request through.
    private static let shortestTerm: Int64 = 90_000_000_000
    private static let longestTerm: Int64 = 3_600_000_000_000
}
