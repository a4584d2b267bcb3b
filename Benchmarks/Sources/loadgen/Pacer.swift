/// Says when the next request of an open-loop load is due, whatever the server does.
struct Pacer {
    private let start: UInt64
    private let nanosecondsPerRequest: Double
    private var number = 0.0

    init(rate: Double, start: UInt64) {
        self.start = start
        nanosecondsPerRequest = 1e9 / rate
    }

    var nextDue: UInt64 { start + UInt64(number * nanosecondsPerRequest) }

    /// Takes the next request if it is due.
    mutating func take(at now: UInt64) -> UInt64? {
        let due = nextDue
        guard due <= now else { return nil }
        number += 1
        return due
    }
}
