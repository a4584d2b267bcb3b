/// The answer to a ``ServerRequest``.
package struct ServerResponse: Sendable {
    /// The status code, 200 to 599.
    package var status: Int
    /// The value of Content-Type; none is sent when it is empty.
    package var contentType: String
    /// Further header fields; Date, Content-Length, Transfer-Encoding and Connection are the server's to write.
    package var fields: [(name: String, value: String)]
    /// The content: shared, not copied, until it is written to the socket.
    package var body: ArraySlice<UInt8>

    /// Makes a response with content that others may share.
    package init(
        status: Int,
        contentType: String,
        fields: [(name: String, value: String)] = [],
        body: ArraySlice<UInt8>
    ) {
        self.status = status
        self.contentType = contentType
        self.fields = fields
        self.body = body
    }

    /// Makes a response.
    package init(status: Int, contentType: String, fields: [(name: String, value: String)] = [], body: [UInt8]) {
        self.init(status: status, contentType: contentType, fields: fields, body: body[...])
    }

    /// An answer of one line of text.
    package static func text(_ status: Int, _ line: String) -> ServerResponse {
        ServerResponse(status: status, contentType: "text/plain; charset=utf-8", body: Array((line + "\n").utf8))
    }

    /// An answer in JSON.
    package static func json(_ status: Int, _ body: [UInt8]) -> ServerResponse {
        ServerResponse(status: status, contentType: "application/json", body: body)
    }

    /// An answer without content.
    package static func empty(_ status: Int) -> ServerResponse {
        ServerResponse(status: status, contentType: "", body: [])
    }

    /// The answer to a method that the resource does not have.
    ///
    /// - Parameter allow: the methods that it has, for example `GET, HEAD`.
    package static func methodNotAllowed(_ allow: String) -> ServerResponse {
        var response = ServerResponse.text(405, "405 Method Not Allowed: use \(allow)")
        response.fields.append(("Allow", allow))
        return response
    }

    /// Says how this content can be recognised, or answers that the client has it already.
    ///
    /// - Parameters:
    ///   - validators: what identifies this content.
    ///   - request: a GET or HEAD; the conditions of any other are left alone.
    /// - Returns: this response with its validators, or a 304 with those and the other fields and without content.
    package func validated(by validators: ResponseValidators, for request: ServerRequest) -> ServerResponse {
        var response = self
        response.fields += validators.fields
        guard status == 200, request.isRead, validators.areKnown(to: request) else {
            return response
        }
        response.status = 304
        response.contentType = ""
        response.body = []
        return response
    }
}
