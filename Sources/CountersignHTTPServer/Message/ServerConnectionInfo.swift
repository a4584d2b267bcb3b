package import CountersignPKI
package import CountersignTransport

/// What the requests of one connection have in common.
package final class ServerConnectionInfo: Sendable {
    /// The connection's number; no other connection of the same server has it.
    package let id: UInt64
    /// The caller's address.
    package let remote: SocketAddress
    /// Whether the connection is encrypted.
    package let isTLS: Bool
    /// The client whose certificate was verified; `nil` without TLS, or when none was presented.
    package let peer: VerifiedPeer?

    init(id: UInt64, remote: SocketAddress, isTLS: Bool, peer: VerifiedPeer?) {
        self.id = id
        self.remote = remote
        self.isTLS = isTLS
        self.peer = peer
    }
}
