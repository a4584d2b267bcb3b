import CountersignTransport

/// The bytes of a request.
struct RequestText {
    let method: String
    let target: String
    let fields: [(name: String, value: String)]
    let body: [UInt8]

    /// Checks what a caller gives; nothing that could be read as a second request gets through.
    ///
    /// - Throws: ``HTTPClientError`` with `invalidRequest`.
    init(
        method: String,
        target: String,
        fields: [(name: String, value: String)],
        body: [UInt8]
    ) throws(HTTPClientError) {
        guard Self.isToken(method), method != "CONNECT" else {
            throw HTTPClientError(.invalidRequest, "the method is not a token, or is CONNECT")
        }
        guard Self.isTarget(target) else {
            throw HTTPClientError(.invalidRequest, "the path does not begin with / or has bytes that must be encoded")
        }
        for field in fields {
            guard Self.isToken(field.name), field.value.utf8.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 })
            else {
                throw HTTPClientError(.invalidRequest, "a header field's name is no token, or its value has controls")
            }
        }
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body
    }

    /// Whether asking twice asks for nothing more than asking once (RFC 9110 section 9.2.2).
    var isIdempotent: Bool {
        ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"].contains(method)
    }

    /// The head through its blank line.
    func head(host: String, userAgent: String) -> [UInt8] {
        var text = "\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: \(userAgent)\r\n"
        for field in fields { text += "\(field.name): \(field.value)\r\n" }
        if !body.isEmpty || ["POST", "PUT", "PATCH"].contains(method) { text += "Content-Length: \(body.count)\r\n" }
        return Array((text + "\r\n").utf8)
    }

    static func isTarget(_ text: String) -> Bool {
        text.utf8.first == UInt8(ascii: "/")
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }
    }

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !delimiters.contains($0) }
    }

    private static let delimiters = Array("\"(),/:;<=>?@[\\]{}".utf8)
}
