/// Why a connection to a backend over TLS was ended.
package enum UpstreamRetirementReason: Int, MetricLabel {
    /// A certificate behind it ended.
    case certificateEnded
    /// The router presents another certificate by now.
    case identityReplaced
    /// The backend's certificate, or one above it, was revoked.
    case revoked

    package static var labelName: StaticString { "reason" }

    package var text: StaticString {
        switch self {
        case .certificateEnded: "certificate_ended"
        case .identityReplaced: "identity_replaced"
        case .revoked: "revoked"
        }
    }
}
