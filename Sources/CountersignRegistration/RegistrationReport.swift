package import CountersignRouting

/// What a message about routes came to.
package struct RegistrationReport: Sendable, Equatable {
    /// Routes of which it says what it said before.
    package var repeated = 0
    /// Routes that have an endpoint more.
    package var added = 0
    /// Routes whose endpoint is described anew.
    package var replaced = 0
    /// Routes that have one endpoint less.
    package var removed = 0
    /// Routes that the file has as well, and which go by the file.
    package var shadowed = 0
    /// Routes of which the control plane says who may call.
    package var bound = 0
    /// Routes that have no effect, as the file has routes of their host.
    package var owned = 0
    /// The first route and endpoint that an owner binds, and the first that it keeps from taking requests.
    package var firstRuled: [RegistrationOutcome: String] = [:]
    /// Routes for which there is no room.
    package var refused = 0
    /// What of it is not acted upon, and why; at most ``maximumFaults``.
    package var faults: [String] = []
    /// When the sender learned of it, in nanoseconds since 1970; `nil` when it does not say.
    package var updatedAt: Int64?

    /// How much is told of one message.
    package static let maximumFaults = 8

    /// Whether it changes what requests are decided by.
    package var isChange: Bool { added + replaced + removed + bound > 0 }

    mutating func count(_ outcome: RegistrationOutcome) {
        switch outcome {
        case .added: added += 1
        case .replaced: replaced += 1
        case .shadowed: shadowed += 1
        case .bound: bound += 1
        case .ownedHost: owned += 1
        case .refused: refused += 1
        }
    }

    mutating func tell(_ fault: String) {
        if faults.count < Self.maximumFaults { faults.append(fault) }
    }
}
