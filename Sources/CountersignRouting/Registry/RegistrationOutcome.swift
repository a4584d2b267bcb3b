/// What became of a registration.
public enum RegistrationOutcome: Sendable, Hashable {
    /// The route has an endpoint more.
    case added
    /// It takes the place of what was said of the endpoint before.
    case replaced
    /// It is kept, and has no effect while the file has the same route.
    case shadowed
    /// It takes requests, and who may call is not said by it: the control plane does.
    case bound
    /// It is kept, and has no effect while the file has routes of its host.
    case ownedHost
    /// There are as many routes or endpoints as there may be.
    case refused
}
