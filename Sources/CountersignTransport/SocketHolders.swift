import CCountersignSystem
import Glibc

/// The processes that hold a socket, found by its number in `/proc`.
package struct SocketHolders: Sendable {
    /// A process that was seen to hold the socket.
    package struct Holder: Equatable, Sendable {
        /// Its number; it may become another's as soon as the process ends.
        package let processID: Int32
        /// The descriptor that is the socket, as it was then.
        package let descriptor: Int32

        /// A process, and as what it has the socket.
        package init(processID: Int32, descriptor: Int32) {
            self.processID = processID
            self.descriptor = descriptor
        }
    }

    /// How much one look-up may take.
    package struct Bounds: Sendable {
        /// How many descriptors of the user's own processes are looked at; a process counts for one itself.
        package var descriptors: Int32 = 262_144
        /// How much processor time is spent on finding the holders.
        package var time = Duration.seconds(1)

        /// The bounds of a look-up unless something else is wanted.
        package init() {}
    }

    /// The user has more open than one look-up goes through, or there are too many processes: nobody can tell who holds it.
    package struct TooMuchOpen: Error {}

    /// Who holds the socket.
    package let holders: [Holder]
    /// Whether there are processes of the user into which this one may not look.
    package let isIncomplete: Bool
    /// Whether processes of other users have more open than was looked at: one of them may hold the socket unseen.
    package let isPartial: Bool
    /// What kept this process from looking, as when it has no descriptor left; nil when nothing did.
    package let failure: SystemError?

    private let inode: UInt32
    /// How many descriptors of the user's own processes may still be looked at.
    private var left: Int32

    /// Goes through all processes of this process's view.
    ///
    /// Of the user's own, all that they have open is looked at, or the look-up ends as too much. What the processes of other
    /// users than the socket's have open is looked at up to a bound for each process, each user, and all of them: nobody makes
    /// the look-ups of others take long by opening files. The user of a process is the real one, which running a program as
    /// another user does not change. Of a process with more, the lowest and the highest descriptors are looked at.
    ///
    /// - Parameters:
    ///   - inode: the number of the socket.
    ///   - user: who made it.
    ///   - bounds: how much it may take.
    /// - Throws: ``TooMuchOpen``.
    package init(
        ofInode inode: UInt32,
        madeBy user: UInt32,
        within bounds: Bounds = Bounds()
    ) throws(TooMuchOpen) {
        self.inode = inode
        left = bounds.descriptors
        var found = [countersign_holder](repeating: countersign_holder(), count: Self.most)
        let time = Int64(clamping: bounds.time.nanoseconds)
        let facts = unsafe countersign_socket_holders(inode, user, time, &left, &found, Int32(Self.most))
        guard facts.error != E2BIG else { throw TooMuchOpen() }
        holders = found.prefix(max(0, Int(facts.count)))
            .map { Holder(processID: $0.process, descriptor: $0.descriptor) }
        isIncomplete = facts.hidden != 0
        isPartial = facts.partial != 0
        failure = facts.error == 0 ? nil : SystemError(action: "look for the holders of a socket", code: facts.error)
    }

    /// Whether a process still holds the socket, as the same descriptor or as another one.
    ///
    /// - Throws: ``TooMuchOpen``; all that is looked at counts together.
    package mutating func stillHas(_ holder: Holder) throws(TooMuchOpen) -> Bool {
        let result = unsafe countersign_holds_socket(holder.processID, inode, holder.descriptor, &left)
        guard result >= 0 || errno != E2BIG else { throw TooMuchOpen() }
        return result == 1
    }

    /// The most holders; a socket with more belongs to nobody in particular.
    package static let most = 256
}
