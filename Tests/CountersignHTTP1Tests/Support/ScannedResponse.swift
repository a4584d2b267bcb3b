import CountersignHTTP1

/// What a scan of one response found, with the bytes it found it in.
struct ScannedResponse {
    let bytes: [UInt8]
    let result: ScanResult
    let head: ResponseHead
    let fields: [HeaderField]

    init(_ text: String, to method: RequestMethod = .get, limits: HeadLimits = HeadLimits()) {
        var scanner = ResponseScanner(limits: limits)
        let bytes = latin1(text)
        self.bytes = bytes
        self.result = scanner.scan(bytes.span, requestMethod: method)
        self.head = scanner.head
        self.fields = scanner.fields
    }

    var violation: ProtocolViolation.Code? {
        if case .violation(let violation) = result { violation.code } else { nil }
    }

    func text(_ range: ByteRange) -> String {
        String(decoding: bytes[range.start..<range.end], as: UTF8.self)
    }
}
