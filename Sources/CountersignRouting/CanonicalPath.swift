/// The paths that lenient backends might read from a request's path.
///
/// Backends decode, merge and drop parts of a path before they act on it; `/public/..%2fadmin` is `/admin` to some. The
/// route table compares what it finds for the path as it stands with what it finds for such readings, so that nobody
/// reaches a path of one route by a spelling that falls to another.
enum CanonicalPath {
    /// Whether the path, up to its query, has nothing that readers could disagree on.
    ///
    /// Allocates nothing.
    static func isPlain(_ path: Span<UInt8>) -> Bool {
        var previous: UInt8 = 0
        for index in path.indices {
            let byte = path[index]
            switch byte {
            case UInt8(ascii: "?"):
                return true
            case UInt8(ascii: "%"), UInt8(ascii: ";"), UInt8(ascii: "\\"), UInt8(ascii: "#"), 0:
                return false
            case UInt8(ascii: "/"), UInt8(ascii: "."):
                if previous == UInt8(ascii: "/") { return false }
            default:
                break
            }
            previous = byte
        }
        return true
    }

    /// What lenient readers make of the path up to its query.
    ///
    /// One only percent-decodes, several times if need be. The other moreover takes backslashes for slashes, resolves
    /// empty and dot segments, and cuts parameters (`;…`) and whatever follows a NUL or `#`.
    static func readings(_ path: Span<UInt8>) -> [[UInt8]] {
        var bytes: [UInt8] = []
        for index in path.indices {
            if path[index] == UInt8(ascii: "?") { break }
            bytes.append(path[index])
        }
        // A byte can be coded several times over (%252F); no backend decodes as often as this.
        var rounds = 0
        while rounds < 4, decode(&bytes) { rounds += 1 }
        return [bytes, resolved(bytes)]
    }

    private static func resolved(_ bytes: [UInt8]) -> [UInt8] {
        var segments: [ArraySlice<UInt8>] = []
        let end = bytes.firstIndex { $0 == 0 || $0 == UInt8(ascii: "#") } ?? bytes.endIndex
        for part in bytes[..<end].split(whereSeparator: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }) {
            let segment = part.prefix { $0 != UInt8(ascii: ";") }
            if segment.elementsEqual("..".utf8) {
                _ = segments.popLast()
            } else if !segment.isEmpty, !segment.elementsEqual(".".utf8) {
                segments.append(segment)
            }
        }
        var reading: [UInt8] = []
        for segment in segments {
            reading.append(UInt8(ascii: "/"))
            reading.append(contentsOf: segment)
        }
        return reading
    }

    /// Decodes once; whether there was anything to decode.
    private static func decode(_ bytes: inout [UInt8]) -> Bool {
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
        defer { bytes = decoded }
        return decoded.count < bytes.count
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
