/// Durations as configuration files write them: whole numbers with units, as in `250ms`, `10s`, `1h30m` and `90d`.
package enum DurationText {
    private struct Unit {
        var name: String
        var milliseconds: Int64
    }

    private static let units = [
        Unit(name: "d", milliseconds: 86_400_000),
        Unit(name: "h", milliseconds: 3_600_000),
        Unit(name: "m", milliseconds: 60000),
        Unit(name: "s", milliseconds: 1000),
        Unit(name: "ms", milliseconds: 1),
    ]

    /// Returns the duration that `text` says, or nil when it says none; larger units come first and none comes twice.
    package static func parse(_ text: String) -> Duration? {
        var rest = text[...]
        var remaining = units[...]
        var milliseconds: Int64 = 0
        repeat {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { ("a"..."z").contains($0) }
            rest = rest.dropFirst(name.count)
            // Nine digits of days do not overflow.
            guard digits.utf8.count <= 9, let number = Int64(digits),
                let index = remaining.firstIndex(where: { $0.name == name })
            else { return nil }
            milliseconds += number * remaining[index].milliseconds
            remaining = remaining[(index + 1)...]
        } while !rest.isEmpty
        return .milliseconds(milliseconds)
    }

    /// Returns `duration` as ``parse(_:)`` reads it; parts of milliseconds are left out.
    package static func format(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        var milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        guard milliseconds > 0 else { return "0s" }
        var text = ""
        for unit in units where milliseconds >= unit.milliseconds {
            text += "\(milliseconds / unit.milliseconds)\(unit.name)"
            milliseconds %= unit.milliseconds
        }
        return text
    }
}
