/// Why a client's connection came to the end of its life.
package enum RetirementReason: Int, MetricLabel {
    /// The client's certificate, or one above it, ended.
    case certificateEnded
    /// The connection reached the configured age.
    case maximumAge

    package static var labelName: StaticString { "reason" }

    package var text: StaticString {
        switch self {
        case .certificateEnded: "certificate_ended"
        case .maximumAge: "max_age"
        }
    }
}
