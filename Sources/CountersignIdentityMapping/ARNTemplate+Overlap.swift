extension ARNTemplate {
    /// What stands between two separators of a template: text, with one capture in it or none.
    struct Segment: Hashable {
        var before: [UInt8] = []
        var hasCapture = false
        var after: [UInt8] = []
        /// The separator that ends it; nil for the last one.
        var end: UInt8?

        /// Whether both can become one text, with some values for their captures.
        func canEqual(_ other: Segment) -> Bool {
            guard end == other.end else { return false }
            switch (hasCapture, other.hasCapture) {
            case (false, false): return before == other.before
            case (true, false): return isMatched(by: other.before)
            case (false, true): return other.isMatched(by: before)
            case (true, true):
                // What one has more than the other is taken by the other's capture.
                return Self.agree(before, other.before) && Self.agree(after.reversed(), other.after.reversed())
            }
        }

        private func isMatched(by text: [UInt8]) -> Bool {
            let rest = text.count - before.count - after.count
            return rest > 0 && text.starts(with: before) && text.reversed().starts(with: after.reversed())
                && text[before.count..<before.count + rest].allSatisfy(CaptureAlphabet.text.contains)
        }

        private static func agree(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
            let shared = min(left.count, right.count)
            return left.prefix(shared).elementsEqual(right.prefix(shared))
                && left.dropFirst(shared).allSatisfy(CaptureAlphabet.text.contains)
                && right.dropFirst(shared).allSatisfy(CaptureAlphabet.text.contains)
        }
    }

    /// The template from separator to separator.
    var segments: [Segment] {
        var segments = [Segment()]
        for piece in pieces {
            switch piece {
            case .capture: segments[segments.count - 1].hasCapture = true
            case .literal(let bytes):
                for byte in bytes {
                    let last = segments.count - 1
                    if CanonicalARN.isSeparator(byte) {
                        segments[last].end = byte
                        segments.append(Segment())
                    } else if segments[last].hasCapture {
                        segments[last].after.append(byte)
                    } else {
                        segments[last].before.append(byte)
                    }
                }
            }
        }
        return segments
    }

    /// Whether some values make one ARN of both templates.
    package func canMakeSameARN(as other: ARNTemplate) -> Bool { Self.canEqual(segments, other.segments) }

    static func canEqual(_ left: [Segment], _ right: [Segment]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { $0.canEqual($1) }
    }
}

extension IdentityMapping {
    /// The rules that can make an ARN which a rule before them can make as well, with the first such rule, by their numbers.
    ///
    /// Who fits either rule with such values is one caller to whoever knows callers by their ARNs.
    package var overlaps: [(earlier: Int, later: Int)] {
        let segments = rules.map(\.template.segments)
        return segments.indices.compactMap { later in
            segments[..<later].firstIndex { ARNTemplate.canEqual($0, segments[later]) }.map { ($0, later) }
        }
    }
}
