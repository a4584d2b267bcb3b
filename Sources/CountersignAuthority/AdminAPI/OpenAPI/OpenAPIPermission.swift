import CountersignIssuance

/// Who may make a call, in words; ``AdminPermission`` decides.
enum OpenAPIPermission: Sendable, Hashable {
    /// Callers without credentials, too.
    case everybody
    /// Callers with this role or one above it.
    case role(AdminRole)
    /// Operators and administrators, and the service that the path names.
    case operatorOrService

    /// One sentence for the description of the call.
    var sentence: String {
        switch self {
        case .everybody: "Needs no credentials."
        case .role(.auditor): "Needs the role auditor, operator or admin."
        case .role(.operator): "Needs the role operator or admin."
        case .role: "Needs the role admin."
        case .operatorOrService: "Needs the role operator or admin, or a certificate of the service itself."
        }
    }
}
