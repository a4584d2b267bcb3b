import CountersignHTTP1

/// What a scan of one request found, with the bytes it found it in.
struct ScannedRequest: Equatable {
    let bytes: [UInt8]
    let result: ScanResult
    let head: RequestHead
    let fields: [HeaderField]

    init(_ bytes: [UInt8], limits: HeadLimits = HeadLimits()) {
        var scanner = RequestScanner(limits: limits)
        self.bytes = bytes
        self.result = scanner.scan(bytes.span)
        self.head = scanner.head
        self.fields = scanner.fields
    }

    init(_ text: String, limits: HeadLimits = HeadLimits()) {
        self.init(latin1(text), limits: limits)
    }

    var violation: ProtocolViolation.Code? {
        if case .violation(let violation) = result { violation.code } else { nil }
    }

    func text(_ range: ByteRange) -> String {
        String(decoding: bytes[range.start..<range.end], as: UTF8.self)
    }
}

/// The bytes of a text, each scalar below 256 being one byte, so that a literal can hold any byte.
func latin1(_ text: String) -> [UInt8] {
    text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
}
