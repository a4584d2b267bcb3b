import CCountersignSystem
import Glibc

/// The other end of a TCP connection within this host, as the kernel knows it (sock_diag(7)).
///
/// The two ends of a connection over loopback are two sockets of one network namespace. The one of the client belongs to
/// the user who made it, and its number leads to the processes that hold it.
package struct LocalConnection: Equatable, Sendable {
    /// Why the other end of a connection is not known.
    package enum Fault: Error, Equatable {
        /// There is no such socket in this network namespace.
        case absent
        /// It is no longer, or not yet, connected, or nobody holds it any more.
        case notConnected
        /// The system cannot be asked; the value is `errno`.
        case unavailable(Int32)
    }

    /// The user whose process made the socket.
    package let userID: UInt32
    /// The number of the socket, as `/proc/PID/fd` names it; never 0.
    package let inode: UInt32

    /// Looks up the client's socket.
    ///
    /// - Parameters:
    ///   - client: the address of the other end.
    ///   - server: the address of this end.
    /// - Throws: ``Fault``.
    package init(from client: SocketAddress, to server: SocketAddress) throws(Fault) {
        guard let source = client.networkBytes, let target = server.networkBytes, source.count == target.count else {
            throw .absent
        }
        var facts = countersign_tcp_facts()
        let isIPv6: Int32 = source.count == 16 ? 1 : 0
        guard unsafe countersign_tcp_socket(isIPv6, source, client.port, target, server.port, &facts) == 0 else {
            throw errno == ENOENT ? .absent : .unavailable(errno)
        }
        guard Self.connectedStates.contains(facts.state), facts.inode != 0 else { throw .notConnected }
        userID = facts.user
        inode = facts.inode
    }

    /// ESTABLISHED, and the two in which only the client has ended its direction (the numbers of Linux).
    private static let connectedStates: Set<UInt8> = [1, 4, 5]
}
