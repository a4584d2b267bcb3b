/// When which name is asked for.
struct NameAgenda: Sendable {
    /// The next one last.
    private var entries: [(due: UInt64, name: String)] = []

    /// The next name, and when it is due, in nanoseconds of the clock that never goes back.
    var next: (due: UInt64, name: String)? { entries.last }

    /// Notes a name; of those that are due at the same time, the one noted first comes first.
    mutating func insert(_ name: String, due: UInt64) {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].due > due { low = middle + 1 } else { high = middle }
        }
        entries.insert((due, name), at: low)
    }

    /// Forgets the next one.
    mutating func removeNext() {
        _ = entries.popLast()
    }
}
