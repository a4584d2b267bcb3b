/// Follows one response to its end and insists on status 200 and the expected length.
struct ResponseReader {
    private static let maximumHead = 16_384
    private static let lengthField = Array("content-length:".utf8)

    private let expectedBytes: Int
    private var partialHead: [UInt8] = []
    private var remaining: Int?

    init(expectedBytes: Int) {
        self.expectedBytes = expectedBytes
    }

    /// Takes the next bytes of the connection.
    ///
    /// - Returns: whether the response is complete.
    mutating func consume(_ bytes: UnsafeBufferPointer<UInt8>) throws -> Bool {
        if let remaining {
            return try takeBody(bytes.count, of: remaining)
        }
        if partialHead.isEmpty, let end = Self.endOfHead(bytes) {
            return try takeBody(bytes.count - end, of: try bodyLength(UnsafeBufferPointer(rebasing: bytes[..<end])))
        }
        partialHead.append(contentsOf: bytes)
        guard partialHead.count <= Self.maximumHead else { throw LoadError("a response head longer than 16 KiB") }
        guard let end = partialHead.withUnsafeBufferPointer(Self.endOfHead) else { return false }
        let length = try partialHead.withUnsafeBufferPointer {
            try bodyLength(UnsafeBufferPointer(rebasing: $0[..<end]))
        }
        return try takeBody(partialHead.count - end, of: length)
    }

    private mutating func takeBody(_ count: Int, of length: Int) throws -> Bool {
        guard count <= length else { throw LoadError("\(count - length) bytes after the end of a response") }
        remaining = length - count
        return count == length
    }

    private func bodyLength(_ head: UnsafeBufferPointer<UInt8>) throws -> Int {
        guard head.starts(with: "HTTP/1.1 200 ".utf8) else {
            throw LoadError("not a 200: \(String(decoding: head.prefix { $0 != 13 }, as: UTF8.self))")
        }
        guard let length = Self.contentLength(head) else { throw LoadError("a response without Content-Length") }
        guard length == expectedBytes else { throw LoadError("a body of \(length) bytes; expected \(expectedBytes)") }
        return length
    }

    /// The offset just behind the empty line.
    private static func endOfHead(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        var index = 3
        while index < bytes.count {
            switch bytes[index] {
            case 10:
                if bytes[index - 2] == 10, bytes[index - 1] == 13, bytes[index - 3] == 13 { return index + 1 }
                index += 2
            case 13: index += 1
            default: index += 4
            }
        }
        return nil
    }

    private static func contentLength(_ head: UnsafeBufferPointer<UInt8>) -> Int? {
        var start = 0
        while let end = head[start...].firstIndex(of: 10) {
            let line = head[start..<end]
            if line.count > lengthField.count, zip(line, lengthField).allSatisfy({ $0 == $1 || ($0 | 0x20) == $1 }) {
                return line.dropFirst(lengthField.count).reduce(0) { value, byte in
                    byte >= 0x30 && byte <= 0x39 && value < 1 << 40 ? value * 10 + Int(byte - 0x30) : value
                }
            }
            start = end + 1
        }
        return nil
    }
}
