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
}
