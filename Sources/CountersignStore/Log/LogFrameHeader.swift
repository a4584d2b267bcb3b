import Crypto

/// What precedes the content of a frame.
struct LogFrameHeader: Sendable, Hashable {
    /// The number of bytes of the content.
    var length: Int
    /// The number of the frame: 1 and up, without gaps.
    var number: Int64
    /// The number of entries in the content.
    var entries: Int

    /// The header's bytes.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(LogFormat.frameHeaderLength)
        bytes.append(bigEndian: LogFormat.frameMagic)
        bytes.append(bigEndian: UInt32(truncatingIfNeeded: self.length))
        bytes.append(bigEndian: UInt64(bitPattern: self.number))
        bytes.append(bigEndian: UInt32(truncatingIfNeeded: self.entries))
        bytes.append(contentsOf: SHA256.hash(data: bytes).prefix(4))
        return bytes
    }

    init(length: Int, number: Int64, entries: Int) {
        self.length = length
        self.number = number
        self.entries = entries
    }

    /// Reads a header; nil when these bytes are none.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == LogFormat.frameHeaderLength else { return nil }
        let checked = bytes.dropLast(4)
        guard checked.bigEndianInteger(at: 0, length: 4) == UInt64(LogFormat.frameMagic),
            SHA256.hash(data: checked).prefix(4).elementsEqual(bytes.suffix(4))
        else { return nil }
        self.length = Int(checked.bigEndianInteger(at: 4, length: 4))
        self.number = Int64(bitPattern: checked.bigEndianInteger(at: 8, length: 8))
        self.entries = Int(checked.bigEndianInteger(at: 16, length: 4))
        guard self.length <= LogFormat.maximumContent else { return nil }
    }
}
