/// Status codes and the reason phrases of their status lines (RFC 9110 section 15 and the registry it made).
enum HTTPStatus {
    /// The status line of a code, through its CRLF.
    ///
    /// A code that is not registered is sent with an empty reason; one outside of 200 to 599, which no final response
    /// can have, as 500.
    static func line(_ status: Int) -> [UInt8] {
        guard status >= 200, status <= 599 else { return lines[500 - first] }
        return lines[status - first]
    }

    /// Whether a response with this status has no content and no Content-Length (RFC 9110 section 8.6).
    static func hasNoContent(_ status: Int) -> Bool {
        status == 204 || status == 304
    }

    private static let first = 200
    private static let lines: [[UInt8]] = (200...599).map { Array("HTTP/1.1 \($0) \(reason($0))\r\n".utf8) }

    private static func reason(_ status: Int) -> String {
        status < 400 ? successReason(status) : status < 500 ? clientReason(status) : serverReason(status)
    }

    private static func successReason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 203: "Non-Authoritative Information"
        case 204: "No Content"
        case 205: "Reset Content"
        case 206: "Partial Content"
        case 300: "Multiple Choices"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        default: ""
        }
    }

    private static func clientReason(_ status: Int) -> String {
        switch status {
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 407: "Proxy Authentication Required"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 423: "Locked"
        case 424: "Failed Dependency"
        case 426: "Upgrade Required"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        default: ""
        }
    }

    private static func serverReason(_ status: Int) -> String {
        switch status {
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        case 507: "Insufficient Storage"
        default: ""
        }
    }
}
