package import CountersignTransport

/// Who is at the other end of a connection.
package enum GRPCPeer: Sendable {
    /// A process of this host, over a Unix socket.
    case local(GRPCLocalPeer)
    /// Anybody, over TCP.
    case network(SocketAddress)
}

/// A process of this host that holds a connection.
package struct GRPCLocalPeer: Sendable {
    /// Who it was when it connected.
    package let credentials: LocalPeer
    /// The process itself, whatever becomes of its number; `nil` where the system does not tell.
    package let process: ProcessHandle?
    /// As whose its connection and the call in question are counted.
    package let account: GRPCAccount
}

/// Who shares the bounds of a server.
package enum GRPCAccount: Hashable, Sendable {
    /// The processes of one user.
    case user(UInt32)
    /// Those of all users for whom there is nothing: one person can have many users, and is one account with all of them.
    case strangers
}
