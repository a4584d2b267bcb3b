/// The answer to a ``PlainRequest``.
package struct PlainResponse: Sendable {
    package var status: Int
    package var contentType: String
    /// Further header fields.
    package var fields: [(name: String, value: String)]
    package var body: [UInt8]

    package init(status: Int, contentType: String, fields: [(name: String, value: String)] = [], body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.fields = fields
        self.body = body
    }

    /// An answer of one line of text.
    package static func text(_ status: Int, _ text: String) -> PlainResponse {
        PlainResponse(status: status, contentType: "text/plain; charset=utf-8", body: Array((text + "\n").utf8))
    }

    /// The reason phrase of the status line.
    var reason: String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 413: "Content Too Large"
        case 503: "Service Unavailable"
        default: "Status"
        }
    }
}
