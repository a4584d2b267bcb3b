/// Why a request was not tried again although it could have been.
package enum WithheldRetry: Int, MetricLabel {
    /// It was tried as often as it may be.
    case attempts
    /// It has taken as long as it may.
    case time
    /// There were as many retries as there may be.
    case budget

    package static var labelName: StaticString { "limit" }

    package var text: StaticString {
        switch self {
        case .attempts: "attempts"
        case .time: "time"
        case .budget: "budget"
        }
    }
}
