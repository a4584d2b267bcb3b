package import CountersignTransport

/// Who opened a connection from within this host.
package enum LocalCaller: Sendable {
    /// A process of a workload.
    case workload(LocalWorkload)
    /// Nobody who may call.
    case refused(LocalCallerRefusal)
}

/// Why the caller of a connection may not call.
package struct LocalCallerRefusal: Error, Hashable, Sendable {
    /// What the caller can do about it.
    package enum Kind: Hashable, Sendable {
        /// The rules do not let it, and will not the next time.
        case denied
        /// There is too much of its own at the moment, or too little left of the host to look; it can come again.
        case overloaded
    }

    /// One word from a closed set, for metrics and logs.
    package let reason: String
    /// What was seen and what would be right, for the caller itself.
    package let explanation: String
    /// What the caller can do about it.
    package let kind: Kind

    /// Makes a refusal.
    package init(_ reason: String, _ explanation: String, kind: Kind = .denied) {
        self.reason = reason
        self.explanation = explanation
        self.kind = kind
    }

    static let tooManyConnections = LocalCallerRefusal(
        "too_many_connections",
        "the user has as many connections open as one may (egress.max_connections_per_user); close some or try again",
        kind: .overloaded
    )
    static let tooManyLookups = LocalCallerRefusal(
        "too_many_lookups",
        "the user opens too many connections at once; try again",
        kind: .overloaded
    )
    static let tooManyNames = LocalCallerRefusal(
        "too_many_names",
        "the workload has too many names resolved at once; try again",
        kind: .overloaded
    )
}

/// Finds out who opened a connection from within this host.
package protocol LocalCallerSource: Sendable {
    /// Asks whose the other end of an open connection is; does not block.
    ///
    /// - Parameters:
    ///   - client: the address of the other end.
    ///   - server: the address of this end.
    /// - Throws: ``LocalCallerRefusal`` when nobody can tell.
    func owner(from client: SocketAddress, to server: SocketAddress) throws(LocalCallerRefusal) -> LocalConnection

    /// Why no process of a user can be a workload; `nil` when one may be. Does not block.
    func refusal(ofUser userID: UInt32) -> LocalCallerRefusal?

    /// Looks the caller up; may block.
    ///
    /// - Parameters:
    ///   - owner: whose the other end was when the connection was accepted.
    ///   - client: the address of the other end of a connection that is open.
    ///   - server: the address of this end.
    func caller(_ owner: LocalConnection, from client: SocketAddress, to server: SocketAddress) -> LocalCaller
}
