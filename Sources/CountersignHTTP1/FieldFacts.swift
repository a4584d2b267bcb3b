/// What the fields of one head say about routing, framing and the connection, gathered line by line.
struct FieldFacts {
    /// The Host value; nil without a Host field.
    private(set) var host: ByteRange?

    /// The offset of a second Host field.
    private(set) var repeatedHost: Int?

    /// The Content-Length.
    private(set) var contentLength: UInt64?

    /// The offset of the Transfer-Encoding field, which says `chunked` and nothing else.
    private(set) var transferEncoding: Int?

    /// Whether there is an Expect field.
    private(set) var hasExpectation = false

    /// The offset of an Expect value that is not `100-continue`.
    private(set) var unknownExpectation: Int?

    /// What the Connection fields say.
    private(set) var connection = ConnectionOptions()

    /// Forgets the last head.
    @inline(__always)
    mutating func reset() {
        host = nil
        repeatedHost = nil
        contentLength = nil
        transferEncoding = nil
        hasExpectation = false
        unknownExpectation = nil
        connection.reset()
    }

    /// Takes note of one field, in the order of the head.
    @inline(__always)
    mutating func note(_ field: HeaderField, in bytes: Span<UInt8>) throws(ScanInterruption) {
        switch field.kind {
        case .host:
            noteHost(field)
        case .contentLength, .transferEncoding:
            try noteFraming(field, in: bytes)
        case .connection:
            try connection.add(bytes, field.value)
        case .expect:
            noteExpectation(field, in: bytes)
        case .other:
            guard !FieldLine.isDisguisedFraming(bytes, field) else {
                throw .violation(.disguisedFramingField, at: field.line.start)
            }
        default:
            break
        }
    }

    /// The framing of a message of `version` that can have content; nil where no field says how long it is.
    @inline(__always)
    func framing(_ version: HTTPVersion) throws(ScanInterruption) -> BodyFraming? {
        guard let transferEncoding else {
            return contentLength.map { .length($0) }
        }
        guard version == .http11 else {
            throw .violation(.transferEncodingInHTTP10, at: transferEncoding)
        }
        return .chunked
    }

    /// Whether the sender of a message of `version` wants the connection to persist (RFC 9112 section 9.3).
    @inline(__always)
    func keepsAlive(_ version: HTTPVersion) -> Bool {
        !connection.close && (version == .http11 || connection.keepAlive)
    }

    @inline(__always)
    private mutating func noteHost(_ field: HeaderField) {
        if host == nil {
            host = field.value
        } else if repeatedHost == nil {
            repeatedHost = field.line.start
        }
    }

    private mutating func noteFraming(_ field: HeaderField, in bytes: Span<UInt8>) throws(ScanInterruption) {
        if field.kind == .contentLength {
            guard contentLength == nil else {
                throw .violation(.repeatedContentLength, at: field.line.start)
            }
            contentLength = try ContentLength.parse(bytes, field)
        } else {
            guard transferEncoding == nil else {
                throw .violation(.repeatedTransferEncoding, at: field.line.start)
            }
            try TransferEncoding.check(bytes, field)
            transferEncoding = field.line.start
        }
        guard contentLength == nil || transferEncoding == nil else {
            throw .violation(.lengthAndTransferEncoding, at: field.line.start)
        }
    }

    private mutating func noteExpectation(_ field: HeaderField, in bytes: Span<UInt8>) {
        hasExpectation = true
        if !bytes.equalIgnoringCase(field.value, "100-continue"), unknownExpectation == nil {
            unknownExpectation = field.value.start
        }
    }
}
