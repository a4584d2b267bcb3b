/// When streams are told of a change, so that not all of them, and not all that follows from it, come at once.
///
/// Few are told at once. It reads no clock.
package struct PushSchedule {
    private var due: [UInt64: Int64] = [:]

    /// Up to so many streams are told at once.
    package static let immediate = 16
    /// How much longer the telling may take with each stream, and at most, in milliseconds.
    private static let perStream: Int64 = 2
    private static let longest: Int64 = 1_000

    /// Nobody waits.
    package init() {}

    /// Has streams told, each at a moment of its own; one that is waiting already stays with its moment, as it will be told of
    /// the latest.
    ///
    /// - Parameters:
    ///   - streams: their numbers.
    ///   - now: the time in milliseconds.
    ///   - random: where in the time that there is.
    package mutating func add(_ streams: [UInt64], now: Int64, using random: inout some RandomNumberGenerator) {
        let span = min(Int64(streams.count) * Self.perStream, Self.longest)
        for stream in streams where due[stream] == nil {
            due[stream] = now + Int64.random(in: 0...span, using: &random)
        }
    }

    /// Takes those whose moment has come, the earliest first.
    ///
    /// - Parameter now: the time in milliseconds.
    package mutating func take(now: Int64) -> [UInt64] {
        let found = due.filter { $0.value <= now }.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key)
        for stream in found { due[stream] = nil }
        return found
    }

    /// The next moment; nil when nobody waits.
    package var next: Int64? { due.values.min() }
}
