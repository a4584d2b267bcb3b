import CountersignHTTPServer
import CountersignJSON
import CountersignPKI

/// The form of every answer: `success`, `result`, `errors`, `messages`, in this order.
enum CFSSLEnvelope {
    /// Something that the caller should know beside the result.
    struct Message: Sendable, Hashable {
        let code: Int
        let text: String

        /// No `hosts` in a request for a certificate.
        static let noHosts = Message(
            code: 5300,
            text: "the request has no hosts; the certificate carries the names that are registered for the service"
        )
    }

    /// The answer to a call that was done.
    static func success(_ result: JSONValue, _ messages: [Message] = []) -> ServerResponse {
        let document = JSONValue.object([
            .init("success", .bool(true)),
            .init("result", result),
            .init("errors", .array([])),
            .init("messages", .array(messages.map { entry($0.code, $0.text) })),
        ])
        return answer(document.compactLine)
    }

    /// The answer with one certificate and nothing else: what most calls end with, so it is written without detours.
    static func success(certificate der: [UInt8]) -> ServerResponse {
        let encoded = Base64.encode(der)
        var body: [UInt8] = []
        body.reserveCapacity(certificateHead.count + certificateTail.count + encoded.count + encoded.count / 32 + 2)
        body += certificateHead
        var start = 0
        while start < encoded.count {
            let end = min(start + 64, encoded.count)
            body += encoded[start..<end]
            body += lineBreak
            start = end
        }
        body += certificateTail
        return answer(body)
    }

    /// The answer to a call that was refused; plain text by its type, as Go's `http.Error` has it.
    static func failure(_ error: CFSSLError) -> ServerResponse {
        let document = JSONValue.object([
            .init("success", .bool(false)),
            .init("result", .null),
            .init("errors", .array([entry(error.code, error.message)])),
            .init("messages", .array([])),
        ])
        var fields: [(name: String, value: String)] = [
            ("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store"),
        ]
        if error.status == 429 || error.status == 503 { fields.append(("Retry-After", "1")) }
        return ServerResponse(
            status: error.status,
            contentType: "text/plain; charset=utf-8",
            fields: fields,
            body: document.compactLine
        )
    }

    /// The answer where there is no endpoint, or one that is not served.
    static var notFound: ServerResponse {
        var response = ServerResponse.text(404, "404 page not found")
        response.fields.append(("X-Content-Type-Options", "nosniff"))
        return response
    }

    private static func entry(_ code: Int, _ text: String) -> JSONValue {
        .object([.init("code", .number(Int64(code))), .init("message", .string(text))])
    }

    private static func answer(_ body: [UInt8]) -> ServerResponse {
        var response = ServerResponse.json(200, body)
        response.fields = noStore
        return response
    }

    private static let noStore: [(name: String, value: String)] = [("Cache-Control", "no-store")]
    private static let lineBreak = Array("\\n".utf8)
    private static let certificateHead = Array(
        #"{"success":true,"result":{"certificate":"-----BEGIN CERTIFICATE-----\n"#.utf8
    )
    private static let certificateTail = Array(
        (#"-----END CERTIFICATE-----\n"},"errors":[],"messages":[]}"# + "\n").utf8
    )
}
