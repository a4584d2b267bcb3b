/// The paths that lenient backends might read from a request's path.
///
/// Backends decode, merge and drop parts of a path before they act on it; `/public/..%2fadmin` is `/admin` to some. The
/// route table compares what it finds for the path as it stands with what it finds for such readings, so that nobody
/// reaches a path of one route by a spelling that falls to another.
package enum CanonicalPath {
    /// Whether the path, up to its query, has nothing that readers could disagree on.
    ///
    /// Allocates nothing.
    package static func isPlain(_ path: Span<UInt8>) -> Bool {
        // What begins with a slash and a dot is a dot segment or, as `/.well-known`, a name.
        let dotSegment: UInt8 = 0
        var previous = UInt8(ascii: "x")
        for index in path.indices {
            let byte = path[index]
            switch byte {
            case UInt8(ascii: "?"):
                return previous != dotSegment
            case UInt8(ascii: "%"), UInt8(ascii: ";"), UInt8(ascii: "\\"), UInt8(ascii: "#"), 0:
                return false
            case UInt8(ascii: "/"):
                if previous == UInt8(ascii: "/") || previous == dotSegment { return false }
                previous = byte
            case UInt8(ascii: "."):
                if previous == dotSegment { return false }
                previous = previous == UInt8(ascii: "/") ? dotSegment : byte
            default:
                previous = byte
            }
        }
        return previous != dotSegment
    }

    /// Everything that readers can make of the path up to its query, the path itself first; nil when it is too much.
    ///
    /// Backends take the same steps in different orders: some resolve dot segments before they decode, some after, some
    /// cut parameters (`;…`) first, some decode twice. So no order is assumed: this is every path that any steps in any
    /// order lead to. Only a path made for it has more than a few.
    package static func readings(_ path: Span<UInt8>) -> [[UInt8]]? {
        var bytes: [UInt8] = []
        for index in path.indices {
            if path[index] == UInt8(ascii: "?") { break }
            bytes.append(path[index])
        }
        var readings = [bytes]
        // How often each was decoded; no backend decodes as often as the bound.
        var depths = [0]
        var seen: Set<[UInt8]> = [bytes]
        var work = bytes.count
        var next = 0
        while next < readings.count {
            for step in Step.allCases where step != .decode || depths[next] < maximumDecodings {
                let reading = step.take(readings[next])
                guard seen.insert(reading).inserted else { continue }
                work += reading.count
                guard work <= maximumWork else { return nil }
                readings.append(reading)
                depths.append(depths[next] + (step == .decode ? 1 : 0))
            }
            next += 1
        }
        return readings
    }

    private static let maximumDecodings = 4
    /// Bytes of all readings together: what one request may cost.
    private static let maximumWork = 32 * 1024
}

/// What a reader may do to a path before it acts on it.
private enum Step: CaseIterable {
    case decode
    case cutParameters
    case cutRest
    case mergeSlashes
    case resolveDots
    case turnBackslashes

    func take(_ bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .decode: Self.decoded(bytes)
        case .cutParameters: Self.withoutParameters(bytes)
        case .cutRest: Array(bytes.prefix { $0 != 0 && $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: "?") })
        case .mergeSlashes: Self.merged(bytes)
        case .resolveDots: Self.resolved(bytes)
        case .turnBackslashes: bytes.map { $0 == UInt8(ascii: "\\") ? UInt8(ascii: "/") : $0 }
        }
    }

    private static func withoutParameters(_ bytes: [UInt8]) -> [UInt8] {
        var isCut = false
        return bytes.filter { byte in
            if byte == UInt8(ascii: ";") { isCut = true }
            if byte == UInt8(ascii: "/") { isCut = false }
            return !isCut
        }
    }

    private static func merged(_ bytes: [UInt8]) -> [UInt8] {
        var previous: UInt8 = 0
        return bytes.filter { byte in
            defer { previous = byte }
            return byte != UInt8(ascii: "/") || previous != UInt8(ascii: "/")
        }
    }

    /// RFC 3986 section 5.2.4, which takes an empty segment for one like any other.
    private static func resolved(_ bytes: [UInt8]) -> [UInt8] {
        var segments: [ArraySlice<UInt8>] = []
        let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst()
        for (index, part) in zip(parts.indices, parts) {
            let isLast = index == parts.endIndex - 1
            if part.elementsEqual("..".utf8) {
                _ = segments.popLast()
                if isLast { segments.append([]) }
            } else if !part.elementsEqual(".".utf8) {
                segments.append(part)
            } else if isLast {
                segments.append([])
            }
        }
        var reading: [UInt8] = []
        reading.reserveCapacity(bytes.count)
        for segment in segments {
            reading.append(UInt8(ascii: "/"))
            reading.append(contentsOf: segment)
        }
        return reading
    }

    private static func decoded(_ bytes: [UInt8]) -> [UInt8] {
        var decoded: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, let high = digit(bytes[index + 1]),
                let low = digit(bytes[index + 2])
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(bytes[index])
                index += 1
            }
        }
        return decoded
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
