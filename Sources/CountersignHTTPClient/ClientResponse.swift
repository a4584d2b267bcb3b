import CountersignPKI

/// A server's answer.
package struct ClientResponse: Sendable {
    /// The status, 200 to 599.
    package let status: Int
    /// The header fields in their order, names as sent.
    package let fields: [(name: String, value: String)]
    /// The content.
    package let body: [UInt8]

    init(status: Int, fields: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// The value of the first field of that name, compared without case.
    package func field(_ name: String) -> String? {
        let wanted = name.lowercased()
        return fields.first { $0.name.lowercased() == wanted }?.value
    }

    /// This response when its status is one of 200 to 299.
    ///
    /// - Throws: ``HTTPClientError`` with `status` and the beginning of what the server said.
    package func requireSuccess() throws(HTTPClientError) -> ClientResponse {
        guard status < 200 || status > 299 else { return self }
        throw statusError
    }

    var statusError: HTTPClientError {
        let said = String(decoding: body.prefix(Self.quoted), as: UTF8.self)
        let line = said.split(whereSeparator: \.isNewline).first.map { ": \(PrintableText.escaped(String($0)))" }
        return HTTPClientError(.status, "the server answered \(status)\(line ?? "")", status: status)
    }

    private static let quoted = 300
}
