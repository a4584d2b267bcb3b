import CCountersignSystem

/// The processes that hold a socket, found by its number in `/proc`.
package struct SocketHolders: Equatable, Sendable {
    /// Their numbers; each may become another's as soon as the process ends.
    package let processIDs: [Int32]
    /// Whether there are processes into which this one may not look, or more holders than are gone into.
    package let isIncomplete: Bool

    /// Goes through all processes of this process's view.
    ///
    /// What the processes of other users than the socket's and root have open is looked at up to a bound for each of those
    /// users: nobody makes the look-ups of others take long by opening files.
    ///
    /// - Parameters:
    ///   - inode: the number of the socket.
    ///   - user: who made it.
    package init(ofInode inode: UInt32, madeBy user: UInt32) {
        var found = [Int32](repeating: 0, count: Self.most)
        var incomplete: Int32 = 0
        let count = unsafe countersign_socket_holders(inode, user, &found, Int32(Self.most), &incomplete)
        processIDs = Array(found.prefix(max(0, Int(count))))
        isIncomplete = incomplete != 0 || count < 0
    }

    /// Whether a process still holds the socket.
    package static func holds(_ processID: Int32, inode: UInt32) -> Bool {
        countersign_holds_socket(processID, inode) == 1
    }

    /// The most holders; a socket with more belongs to nobody in particular.
    package static let most = 256
}
