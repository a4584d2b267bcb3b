/// Cuts the content of a stream into messages: each is a flag, a length of four bytes, and as many bytes ("gRPC over HTTP2").
///
/// Compressed messages are refused: nothing was offered that a peer could compress with.
package struct GRPCMessageReader {
    private var held: [UInt8] = []
    private var offset = 0
    private let maximum: Int

    /// Makes a reader that stands before the first message.
    ///
    /// - Parameter maximum: the largest message that is taken, in bytes.
    package init(maximum: Int) {
        self.maximum = maximum
    }

    /// Whether a message has begun and is not whole.
    package var isInsideMessage: Bool { offset < held.count }

    /// Whether there may be a message that is whole: its length has come, and all of its bytes.
    package var hasMessage: Bool {
        guard held.count - offset >= Self.prefixSize else { return false }
        return held.count - offset >= Self.prefixSize + length || held[offset] != 0 || length > maximum
    }

    /// Adds content as it came.
    package mutating func append(_ content: UnsafeRawBufferPointer) {
        if offset > 0 {
            held.removeFirst(offset)
            offset = 0
        }
        unsafe held.append(contentsOf: content)
    }

    /// The next message that is whole; `nil` when more has to come.
    ///
    /// - Throws: ``GRPCStatus``, after which the stream is of no use.
    package mutating func next() throws(GRPCStatus) -> [UInt8]? {
        guard held.count - offset >= Self.prefixSize else { return nil }
        let flag = held[offset]
        guard flag == 0 else {
            throw GRPCStatus(
                flag == 1 ? .unimplemented : .internalError,
                flag == 1 ? "compressed messages are not supported" : "a message begins with an unknown flag"
            )
        }
        let length = self.length
        guard length <= maximum else {
            throw GRPCStatus(.resourceExhausted, "a message of \(length) bytes came; at most \(maximum) are taken")
        }
        guard held.count - offset >= Self.prefixSize + length else { return nil }
        let start = offset + Self.prefixSize
        offset = start + length
        return Array(held[start..<offset])
    }

    /// The length that the next message announces; its prefix has come.
    private var length: Int { held[offset + 1..<offset + Self.prefixSize].reduce(0) { $0 << 8 | Int($1) } }

    /// A message as it goes into the content of a stream.
    package static func framed(_ message: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [0]
        bytes.reserveCapacity(message.count + prefixSize)
        let length = UInt32(clamping: message.count)
        for shift in stride(from: UInt32(24), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: length >> shift))
        }
        bytes.append(contentsOf: message)
        return bytes
    }

    private static let prefixSize = 5
}
