import CountersignHTTP1
import CountersignTransport

/// One request on one connection, and the answer to it as it comes.
@safe
final class ClientExchange {
    let wire: ClientWire
    /// Whether the whole request was sent; if not, the connection cannot be used again.
    private let isWhole: Bool
    private let label: String
    private(set) var head = ResponseHead()
    private(set) var fields: [(name: String, value: String)] = []
    private var reader = BodyReader(.none)

    /// Sends a request and reads the head of its answer.
    ///
    /// - Throws: ``HTTPClientError``; with `connectionLost` and nothing in `wire.inbound` nobody answered.
    init(
        _ request: RequestText,
        on wire: ClientWire,
        host: String,
        userAgent: String,
        until deadline: Deadline
    ) throws(HTTPClientError) {
        self.wire = wire
        self.label = host
        var bytes = request.head(host: host, userAgent: userAgent)
        let isShort = request.body.count <= Self.joinedBody
        if isShort { bytes += request.body }
        var isWhole = try wire.send(bytes, until: deadline)
        if isWhole, !isShort { isWhole = try wire.send(request.body, until: deadline) }
        self.isWhole = isWhole
        try readHead(method: request.method == "HEAD" ? .head : .other, until: deadline)
        reader = BodyReader(head.framing)
    }

    /// Whether the connection can serve another call now.
    var isReusable: Bool {
        isWhole && head.keepAlive && isFinished && wire.inbound.isEmpty
    }

    /// Whether the content has been read to its end.
    var isFinished: Bool { reader.isFinished }

    /// Adds content that arrives next to `body`.
    ///
    /// - Returns: `false` when the content has ended, whole.
    func read(into body: inout [UInt8], until deadline: Deadline) throws(HTTPClientError) -> Bool {
        while !reader.isFinished {
            var offset = 0
            let before = body.count
            let piece = take(&offset, &body)
            wire.inbound.consume(offset)
            switch piece {
            case .violation(let violation): throw broken(violation)
            case .end: return false
            case .data, .trailer: if body.count > before { return true }
            case .needMore:
                guard try wire.receive(until: deadline) else {
                    if reader.endsWithStream { return false }
                    throw HTTPClientError(.connectionLost, "\(label): the connection ended before the answer did")
                }
            }
        }
        return false
    }

    private func take(_ offset: inout Int, _ body: inout [UInt8]) -> BodyReader.Piece {
        let bytes = unsafe wire.inbound.readable
        let piece = unsafe reader.next(Span<UInt8>(_unsafeBytes: bytes), from: &offset)
        if case .data(let range) = piece { unsafe body.append(contentsOf: bytes[range.start..<range.end]) }
        return piece
    }

    private func readHead(method: RequestMethod, until deadline: Deadline) throws(HTTPClientError) {
        var scanner = ResponseScanner()
        while true {
            let bytes = unsafe wire.inbound.readable
            switch unsafe scanner.scan(Span<UInt8>(_unsafeBytes: bytes), requestMethod: method) {
            case .violation(let violation): throw broken(violation)
            case .needMore:
                guard try wire.receive(until: deadline) else {
                    throw HTTPClientError(.connectionLost, "\(label): the server closed the connection unanswered")
                }
                continue
            case .complete: break
            }
            let found = scanner.head
            guard found.status != 101 else {
                throw HTTPClientError(.protocolViolation, "\(label): the server changes to another protocol unasked")
            }
            if !found.isInterim {
                fields = scanner.fields.map { unsafe (Self.text($0.name, bytes), Self.text($0.value, bytes)) }
                head = found
            }
            wire.inbound.consume(found.length)
            if !found.isInterim { return }
        }
    }

    private func broken(_ violation: ProtocolViolation) -> HTTPClientError {
        HTTPClientError(.protocolViolation, "\(label): the answer breaks the protocol: \(violation.reason)")
    }

    private static func text(_ range: ByteRange, _ bytes: UnsafeRawBufferPointer) -> String {
        unsafe String(decoding: bytes[range.start..<range.end], as: UTF8.self)
    }

    /// Content up to this size is sent with its head.
    private static let joinedBody = 16 * 1024
}
