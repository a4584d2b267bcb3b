/// How a component of the process is.
package enum ComponentStatus: Sendable, Equatable {
    /// It works.
    case ok
    /// It works with a limitation, such as an old configuration that stays in use; the process stays ready.
    case degraded(reason: String)
    /// It does not work; the process is not ready.
    case failed(reason: String)

    /// The word in a report.
    var word: StaticString {
        switch self {
        case .ok: "ok"
        case .degraded: "degraded"
        case .failed: "failed"
        }
    }

    /// Why it is not well.
    var reason: String? {
        switch self {
        case .ok: nil
        case .degraded(let reason), .failed(let reason): reason
        }
    }
}
