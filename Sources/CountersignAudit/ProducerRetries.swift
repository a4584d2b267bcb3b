/// When another producer is made after one that has failed, and what the log is told of it, so that brokers that refuse
/// each producer are neither asked nor told of all the time.
struct ProducerRetries {
    private var pause = Self.shortest
    private var told: Set<String> = []

    /// How long after the last producer was made the next one may be, in nanoseconds: a second, doubled with each up to a
    /// minute.
    mutating func takePause() -> Int64 {
        defer { pause = min(pause * 2, Self.longest) }
        return pause
    }

    /// Whether nobody has been told of a cause since an event was last delivered; from now on somebody has.
    mutating func isNew(_ cause: String) -> Bool { told.insert(cause).inserted }

    private static let shortest: Int64 = 1_000_000_000
    private static let longest: Int64 = 60_000_000_000
}
