/// The times of ``HTTPServerSettings`` in nanoseconds, as deadlines are counted.
struct ServerTimes {
    let handshake: UInt64
    let head: UInt64
    let body: UInt64
    let idle: UInt64
    let write: UInt64
    let newcomer: UInt64

    init(_ settings: HTTPServerSettings) {
        handshake = Self.nanoseconds(settings.handshakeTime)
        head = Self.nanoseconds(settings.headTime)
        body = Self.nanoseconds(settings.bodyTime)
        idle = Self.nanoseconds(settings.idleTime)
        write = Self.nanoseconds(settings.writeTime)
        newcomer = Self.nanoseconds(settings.newcomerTime)
    }

    /// The nanoseconds of a duration; a negative one is none.
    static func nanoseconds(_ duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return UInt64(min(seconds, Self.longest)) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }

    private static let longest: Int64 = 100 * 366 * 86_400
}
