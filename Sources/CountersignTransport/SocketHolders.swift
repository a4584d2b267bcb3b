import CCountersignSystem

/// The processes that hold a socket, found by its number in `/proc`.
package struct SocketHolders: Equatable, Sendable {
    /// Their numbers; each may become another's as soon as the process ends.
    package let processIDs: [Int32]
    /// Whether there are processes into which this one may not look.
    package let isIncomplete: Bool
    /// Whether processes of other users have more open than was looked at: one of them may hold the socket unseen.
    package let isPartial: Bool
    /// What kept this process from looking, as when it has no descriptor left; nil when nothing did.
    package let failure: SystemError?

    /// Goes through all processes of this process's view.
    ///
    /// What the processes of other users than the socket's have open is looked at up to a bound for each process, each user,
    /// and all of them: nobody makes the look-ups of others take long by opening files. The user of a process is the real
    /// one, which running a program as another user does not change. Of a process with more, the lowest and the highest
    /// descriptors are looked at.
    ///
    /// - Parameters:
    ///   - inode: the number of the socket.
    ///   - user: who made it.
    package init(ofInode inode: UInt32, madeBy user: UInt32) {
        var found = [Int32](repeating: 0, count: Self.most)
        let facts = unsafe countersign_socket_holders(inode, user, &found, Int32(Self.most))
        processIDs = Array(found.prefix(max(0, Int(facts.count))))
        isIncomplete = facts.hidden != 0
        isPartial = facts.partial != 0
        failure = facts.error == 0 ? nil : SystemError(action: "look for the holders of a socket", code: facts.error)
    }

    /// Whether a process still holds the socket.
    package static func holds(_ processID: Int32, inode: UInt32) -> Bool {
        countersign_holds_socket(processID, inode) == 1
    }

    /// The most holders; a socket with more belongs to nobody in particular.
    package static let most = 256
}
