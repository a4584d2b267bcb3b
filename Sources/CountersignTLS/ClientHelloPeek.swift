/// Reads the server name out of a TLS ClientHello before a TLS session exists.
///
/// The session's context, and with it the trust anchors and the session tickets, is chosen by this name (RFC 6066
/// section 3), so the name is read here first and compared with what the finished handshake saw.
package enum ClientHelloPeek {
    /// What the first bytes of a connection are.
    package enum Outcome: Equatable {
        /// The ClientHello is not complete yet.
        case needMore
        /// A complete ClientHello; the name is lower-cased ASCII without a trailing dot, `nil` when none was sent.
        case clientHello(serverName: [UInt8]?)
        /// The bytes are not a TLS handshake, for example plain HTTP.
        case notTLS
        /// A TLS record of another kind, with which no connection begins.
        case otherRecord
        /// A TLS handshake whose first message cannot be read.
        case malformed
    }

    /// The most bytes that a ClientHello may take, records included.
    package static let limit = 32 * 1024

    /// Looks at the bytes received so far.
    ///
    /// - Complexity: O(n) in the bytes; callers bound how often it is called by ``limit`` and the handshake timeout.
    package static func inspect(_ bytes: Span<UInt8>) -> Outcome {
        guard bytes.count > 0 else { return .needMore }
        guard recordTypes.contains(bytes[0]) else { return .notTLS }
        guard bytes.count > 1 else { return .needMore }
        guard bytes[1] == 3 else { return .notTLS }
        guard bytes[0] == handshakeRecord else { return .otherRecord }
        if let length = messageLength(in: bytes), length > limit { return .malformed }
        var message: [UInt8] = []
        switch collectMessage(from: bytes, into: &message) {
        case .complete: return parse(message)
        case .partial: return bytes.count >= limit ? .malformed : .needMore
        case .invalid: return .malformed
        }
    }

    /// The fewest bytes with which ``inspect(_:)`` can say more of the ClientHello that begins with `bytes`.
    ///
    /// At most 9 for one that states more than ``limit``, whatever it states.
    package static func leastLength(_ bytes: Span<UInt8>) -> Int {
        guard let length = messageLength(in: bytes), length <= limit else { return 9 }
        return length + 9
    }

    private enum Collected {
        case complete
        case partial
        case invalid
    }

    /// Content types of TLS records (RFC 8446 appendix B.1, RFC 6520).
    private static let recordTypes: ClosedRange<UInt8> = 20...24
    private static let handshakeRecord: UInt8 = 22
    private static let clientHelloMessage: UInt8 = 1
    private static let serverNameExtension: UInt16 = 0
    private static let recordLimit = 16 * 1024

    /// The length that the message states, where the whole of its header is in the first record.
    private static func messageLength(in bytes: Span<UInt8>) -> Int? {
        guard bytes.count >= 9, bytes[3] > 0 || bytes[4] >= 4 else { return nil }
        return Int(bytes[6]) << 16 | Int(bytes[7]) << 8 | Int(bytes[8])
    }

    /// Joins the handshake message from its records (RFC 8446 section 5.1).
    private static func collectMessage(from bytes: Span<UInt8>, into message: inout [UInt8]) -> Collected {
        var position = 0
        while true {
            guard position + 5 <= bytes.count else { return .partial }
            guard bytes[position] == handshakeRecord, bytes[position + 1] == 3 else { return .invalid }
            let length = Int(bytes[position + 3]) << 8 | Int(bytes[position + 4])
            guard length > 0, length <= recordLimit else { return .invalid }
            let end = min(position + 5 + length, bytes.count)
            unsafe bytes.extracting((position + 5)..<end).withUnsafeBufferPointer {
                unsafe message.append(contentsOf: $0)
            }
            if message.count >= 1, message[0] != clientHelloMessage { return .invalid }
            if message.count >= 4 {
                let wanted = 4 + (Int(message[1]) << 16 | Int(message[2]) << 8 | Int(message[3]))
                if message.count >= wanted {
                    // What follows in the same record is no part of the message, and no length inside may reach it.
                    message.removeLast(message.count - wanted)
                    return .complete
                }
            }
            guard position + 5 + length <= bytes.count else { return .partial }
            position += 5 + length
        }
    }

    private static func parse(_ message: [UInt8]) -> Outcome {
        var reader = HandshakeReader(bytes: message, position: 4)
        guard reader.skip(2 + 32), reader.skipVector8(), reader.skipVector16(), reader.skipVector8() else {
            return .malformed
        }
        guard !reader.isAtEnd else { return .clientHello(serverName: nil) }
        guard var extensions = reader.readVector16() else { return .malformed }
        var name: [UInt8]?
        while !extensions.isAtEnd {
            guard let type = extensions.readUInt16(), var body = extensions.readVector16() else { return .malformed }
            guard type == serverNameExtension else { continue }
            guard name == nil, let found = hostName(in: &body) else { return .malformed }
            name = found
        }
        return .clientHello(serverName: name)
    }

    /// The one host name of a server_name extension; `nil` when it is not one well-formed name.
    private static func hostName(in body: inout HandshakeReader) -> [UInt8]? {
        guard var list = body.readVector16(), body.isAtEnd else { return nil }
        guard let type = list.readUInt8(), type == 0, let entry = list.readVector16(), list.isAtEnd else { return nil }
        var name = entry.remaining
        guard !name.isEmpty, name.count <= 255 else { return nil }
        for index in name.indices {
            guard name[index] > 0x20, name[index] < 0x7F else { return nil }
            if name[index] >= 0x41, name[index] <= 0x5A { name[index] |= 0x20 }
        }
        if name.last == 0x2E { name.removeLast() }
        return name.isEmpty ? nil : name
    }
}

/// Reads the length-prefixed vectors of RFC 8446 section 3.4.
private struct HandshakeReader {
    let bytes: [UInt8]
    var position: Int
    var end: Int

    init(bytes: [UInt8], position: Int) {
        self.bytes = bytes
        self.position = position
        self.end = bytes.count
    }

    var isAtEnd: Bool { position >= end }

    var remaining: [UInt8] { Array(bytes[position..<end]) }

    mutating func skip(_ count: Int) -> Bool {
        guard end - position >= count else { return false }
        position += count
        return true
    }

    mutating func skipVector8() -> Bool {
        guard let length = readUInt8() else { return false }
        return skip(Int(length))
    }

    mutating func skipVector16() -> Bool {
        guard let length = readUInt16() else { return false }
        return skip(Int(length))
    }

    mutating func readUInt8() -> UInt8? {
        guard end - position >= 1 else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func readUInt16() -> UInt16? {
        guard end - position >= 2 else { return nil }
        defer { position += 2 }
        return UInt16(bytes[position]) << 8 | UInt16(bytes[position + 1])
    }

    mutating func readVector16() -> HandshakeReader? {
        guard let length = readUInt16(), end - position >= Int(length) else { return nil }
        var inner = HandshakeReader(bytes: bytes, position: position)
        inner.end = position + Int(length)
        position += Int(length)
        return inner
    }
}
