/// Request methods, with those that clients could invent under one name.
package enum HTTPMethodClass: Int, MetricLabel {
    /// GET.
    case get
    /// HEAD.
    case head
    /// POST.
    case post
    /// PUT.
    case put
    /// PATCH.
    case patch
    /// DELETE.
    case delete
    /// OPTIONS.
    case options
    /// CONNECT.
    case connect
    /// Any other method.
    case other

    package static var labelName: StaticString { "method" }

    package var text: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .connect: "CONNECT"
        case .other: "other"
        }
    }
}

extension HTTPMethodClass {
    /// The class of a request method; methods are case-sensitive (RFC 9110 section 9.1).
    package init(method: Span<UInt8>) {
        // The leading 1 keeps a method that begins with NUL from looking like a shorter one.
        var word: UInt64 = 1
        for index in 0..<min(method.count, 7) {
            word = word << 8 | UInt64(method[index])
        }
        switch method.count <= 7 ? word : 0 {
        case 0x0147_4554: self = .get
        case 0x01_4845_4144: self = .head
        case 0x01_504F_5354: self = .post
        case 0x0150_5554: self = .put
        case 0x0150_4154_4348: self = .patch
        case 0x01_4445_4C45_5445: self = .delete
        case 0x014F_5054_494F_4E53: self = .options
        case 0x0143_4F4E_4E45_4354: self = .connect
        default: self = .other
        }
    }
}
