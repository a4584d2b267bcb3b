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
    /// One word from a closed set, for metrics and logs.
    package let reason: String
    /// What was seen and what would be right, for the caller itself.
    package let explanation: String

    /// Makes a refusal.
    package init(_ reason: String, _ explanation: String) {
        self.reason = reason
        self.explanation = explanation
    }
}

/// Finds out who opened a connection from within this host.
package protocol LocalCallerSource: Sendable {
    /// Looks the caller up; may block.
    ///
    /// - Parameters:
    ///   - client: the address of the other end of a connection that is open.
    ///   - server: the address of this end.
    func caller(from client: SocketAddress, to server: SocketAddress) -> LocalCaller
}
