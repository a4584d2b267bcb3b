/// Why a message of the bus, or a part of it, is not acted upon.
package enum BusRejection: Int, MetricLabel {
    /// It is not what its subject promises.
    case malformed
    /// A part of it is wrong, and the rest acts.
    case partly
    /// It wants requests to pass a service first.
    case routeService
    /// It has more bytes than are taken.
    case oversized
    /// There are as many routes or endpoints as there may be.
    case full
    /// The file has routes of its host.
    case ownedHost
    /// Who may call is said by the control plane, and not by it.
    case boundPolicy

    package static var labelName: StaticString { "reason" }

    package var text: StaticString {
        switch self {
        case .malformed: "malformed"
        case .partly: "partly"
        case .routeService: "route_service"
        case .oversized: "oversized"
        case .full: "full"
        case .ownedHost: "owned_host"
        case .boundPolicy: "bound_policy"
        }
    }
}
