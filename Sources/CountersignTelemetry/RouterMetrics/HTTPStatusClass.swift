/// Status codes by their first digit.
package enum HTTPStatusClass: Int, MetricLabel {
    /// 100 to 199.
    case informational
    /// 200 to 299.
    case success
    /// 300 to 399.
    case redirection
    /// 400 to 499.
    case clientError
    /// 500 to 599.
    case serverError
    /// No status was sent, or one outside of the classes.
    case other

    package static var labelName: StaticString { "code" }

    package var text: StaticString {
        switch self {
        case .informational: "1xx"
        case .success: "2xx"
        case .redirection: "3xx"
        case .clientError: "4xx"
        case .serverError: "5xx"
        case .other: "other"
        }
    }
}

extension HTTPStatusClass {
    /// The class of a status code; 0 stands for a response that never began.
    package init(status: Int) {
        self = status >= 100 && status < 600 ? (Self(rawValue: status / 100 - 1) ?? .other) : .other
    }
}
