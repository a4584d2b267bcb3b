package import CountersignRouting

/// Paths of a service that a rule is about, each with everything below it.
///
/// Backends read a path in different ways: some decode it twice, some merge slashes, some ignore case. So a path is
/// covered when any of these readings is, and one with too many readings to look at is covered, too.
package struct PathList: Sendable, Hashable {
    private let folded: [[UInt8]]

    /// Takes the paths; a `/` at the end does not count.
    package init(_ paths: [PathPrefix]) {
        self.folded = paths.flatMap(\.readings).map { reading in
            var bytes = reading.map(Self.fold)
            while bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
            return bytes
        }
    }

    /// Whether a request's path, with its query or without, is or could be taken for one of these or one below.
    package func covers(_ target: String) -> Bool {
        guard !folded.isEmpty else { return false }
        guard target.utf8.first == UInt8(ascii: "/"),
            let readings = CanonicalPath.readings(Array(target.utf8).span)
        else { return true }
        return readings.contains { reading in
            let bytes = reading.map(Self.fold)
            return folded.contains { Self.isAt($0, or: bytes) }
        }
    }

    private static func isAt(_ path: [UInt8], or bytes: [UInt8]) -> Bool {
        guard bytes.starts(with: path) else { return false }
        return bytes.count == path.count || bytes[path.count] == UInt8(ascii: "/")
    }

    private static func fold(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
