/// How taking up something new ended, such as a configuration or a certificate.
package enum ChangeResult: Int, MetricLabel {
    /// The new one is in use.
    case success
    /// It was refused and the old one is kept.
    case failure

    package static var labelName: StaticString { "result" }

    package var text: StaticString {
        switch self {
        case .success: "success"
        case .failure: "failure"
        }
    }
}
