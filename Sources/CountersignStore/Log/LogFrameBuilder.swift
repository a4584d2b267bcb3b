/// A frame in the making.
struct LogFrameBuilder {
    private var bytes = [UInt8](repeating: 0, count: LogFormat.frameHeaderLength)

    /// How many entries it holds.
    private(set) var entries = 0

    /// How many bytes of content it holds.
    var length: Int { self.bytes.count - LogFormat.frameHeaderLength }

    /// Appends an entry.
    mutating func append(_ entry: LogEntry) {
        entry.encode(into: &self.bytes)
        self.entries += 1
    }

    /// Takes back everything after an earlier ``mark``.
    mutating func rewind(to mark: Mark) {
        self.bytes.removeLast(self.bytes.count - mark.count)
        self.entries = mark.entries
    }

    /// Where the next entry would begin.
    var mark: Mark { Mark(count: self.bytes.count, entries: self.entries) }

    /// A place in a frame.
    struct Mark {
        fileprivate var count: Int
        fileprivate var entries: Int
    }

    /// The whole frame, and the hash that ends it.
    consuming func finish(number: Int64, after previous: [UInt8]) -> (bytes: [UInt8], hash: [UInt8]) {
        let header = LogFrameHeader(length: self.length, number: number, entries: self.entries)
        self.bytes.replaceSubrange(0..<LogFormat.frameHeaderLength, with: header.bytes)
        let hash = LogFormat.hash(after: previous, frame: self.bytes[...])
        self.bytes.append(contentsOf: hash)
        return (self.bytes, hash)
    }
}
