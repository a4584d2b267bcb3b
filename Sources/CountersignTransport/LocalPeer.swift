import CCountersignSystem
import Glibc

/// Who is at the other end of a Unix socket, as the kernel saw it when the connection was made (unix(7), SO_PEERCRED).
package struct LocalPeer: Equatable, Sendable {
    /// The process.
    package let processID: Int32
    /// Its effective user.
    package let userID: UInt32
    /// Its effective group.
    package let groupID: UInt32

    /// Names a peer.
    package init(processID: Int32, userID: UInt32, groupID: UInt32) {
        self.processID = processID
        self.userID = userID
        self.groupID = groupID
    }

    /// The peer of a connection; `nil` when that is not one of a Unix socket.
    package init?(of descriptor: Int32) {
        var (process, user, group): (Int32, UInt32, UInt32) = (0, 0, 0)
        guard unsafe countersign_peer_credentials(descriptor, &process, &user, &group) == 0, process > 0 else {
            return nil
        }
        self.init(processID: process, userID: user, groupID: group)
    }
}
