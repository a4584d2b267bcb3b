import CountersignIssuance

/// Reads frames one after the other and checks each: its header, its number, its hash.
struct LogReader {
    /// The end of the last good frame.
    private(set) var position: LogPosition

    private let file: LogFile
    private let size: Int64
    private var buffer: [UInt8] = []
    private var bufferStart: Int64 = 0

    /// What follows the last good frame.
    enum Tail: Hashable {
        /// Nothing.
        case end
        /// Bytes of a frame that was being written when the process or the machine stopped.
        case torn
        /// A bad frame with good ones behind it.
        case altered
    }

    /// Begins behind a frame that is known.
    init(_ file: LogFile, from position: LogPosition) throws(StoreError) {
        self.file = file
        self.position = position
        self.size = try file.size()
    }

    /// The next frame, or nil when there is no further good one; ``tail()`` then tells why.
    mutating func next() throws(StoreError) -> LogFrame? {
        let start = self.position.offset
        guard let header = LogFrameHeader(try self.bytes(at: start, count: LogFormat.frameHeaderLength)),
            header.number == self.position.frame + 1
        else { return nil }
        let length = LogFormat.frameHeaderLength + header.length
        let bytes = try self.bytes(at: start, count: length + LogFormat.hashLength)
        guard bytes.count == length + LogFormat.hashLength else { return nil }
        let hash = LogFormat.hash(after: self.position.hash, frame: bytes.prefix(length))
        guard hash.elementsEqual(bytes.suffix(LogFormat.hashLength)) else { return nil }
        self.position = LogPosition(offset: start + Int64(bytes.count), frame: header.number, hash: hash)
        return LogFrame(
            number: header.number,
            entries: header.entries,
            content: bytes.dropFirst(LogFormat.frameHeaderLength).dropLast(LogFormat.hashLength)
        )
    }

    /// What follows ``position``, once ``next()`` returned nil.
    ///
    /// Only the last frame can be torn, for what is torn is cut off before the next one is written.
    func tail() throws(StoreError) -> Tail {
        let rest = self.size - self.position.offset
        guard rest > 0 else { return .end }
        guard rest <= LogFormat.maximumFrame else { return .altered }
        let bytes = try self.file.read(at: self.position.offset, count: Int(rest))
        let first = UInt8(truncatingIfNeeded: LogFormat.frameMagic >> 24)
        for index in bytes.indices where bytes[index] == first {
            let candidate = bytes[index...].prefix(LogFormat.frameHeaderLength)
            if let header = LogFrameHeader(candidate), header.number > self.position.frame + 1 { return .altered }
        }
        return .torn
    }

    private mutating func bytes(at offset: Int64, count: Int) throws(StoreError) -> ArraySlice<UInt8> {
        let isBuffered =
            offset >= self.bufferStart && offset + Int64(count) <= self.bufferStart + Int64(self.buffer.count)
        if !isBuffered {
            self.buffer = try self.file.read(at: offset, count: max(count, 1 << 18))
            self.bufferStart = offset
        }
        let first = Int(offset - self.bufferStart)
        return self.buffer[first..<min(first + count, self.buffer.count)]
    }
}
