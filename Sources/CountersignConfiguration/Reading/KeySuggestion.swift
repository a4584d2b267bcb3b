/// Finds the name that a misspelt one was probably meant to be.
package enum KeySuggestion {
    /// Returns the candidate nearest to `name` by edits, or nil when none is near enough to be meant.
    ///
    /// Case, `-` and `_` count for nothing. An edit is a letter more, less, changed, or swapped with its neighbour; a
    /// third of the letters may differ, and a beginning of four letters or more stands for the whole. Of candidates at the same distance the first one wins.
    package static func nearest(to name: String, among candidates: [String]) -> String? {
        let wanted = normalized(name)
        guard wanted.count <= maximumLength else { return nil }
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let letters = normalized(candidate)
            let distance = distance(wanted, letters)
            let isBeginning = wanted.count >= 4 && letters.starts(with: wanted)
            let isNear = isBeginning || distance * 3 <= max(wanted.count, letters.count)
            if isNear, distance < best?.distance ?? Int.max {
                best = (candidate, distance)
            }
        }
        return best?.candidate
    }

    private static func normalized(_ name: String) -> [UInt8] {
        name.lowercased().utf8.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }
    }

    /// The optimal string alignment distance.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for (row, leftByte) in left.enumerated() {
            var current = [row + 1]
            for (column, rightByte) in right.enumerated() {
                var cost = previous[column] + (leftByte == rightByte ? 0 : 1)
                cost = min(cost, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, leftByte == right[column - 1], left[row - 1] == rightByte {
                    cost = min(cost, beforePrevious[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[right.count]
    }

    /// No key is longer, and the distance takes the product of both lengths.
    private static let maximumLength = 64
}
