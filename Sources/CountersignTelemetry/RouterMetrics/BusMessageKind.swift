/// What a message of the bus is about.
package enum BusMessageKind: Int, MetricLabel {
    /// An endpoint is registered, for the first time or again.
    case register
    /// An endpoint is unregistered.
    case unregister
    /// Somebody asks whether routers are there.
    case greet
    /// Something that the router does not act upon.
    case other

    package static var labelName: StaticString { "subject" }

    package var text: StaticString {
        switch self {
        case .register: "register"
        case .unregister: "unregister"
        case .greet: "greet"
        case .other: "other"
        }
    }
}
