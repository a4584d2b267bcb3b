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
        /// How much processor time is spent on the user's own processes, and on listing all others.
        package var time = Duration.seconds(1)
        /// How much more of it is spent on the processes of other users.
        package var timeForOthers = Duration.milliseconds(250)

        /// The bounds of a look-up unless something else is wanted.
        package init() {}
    }

    /// Why nobody can tell who holds it.
    package enum Fault: Error, Hashable {
        /// The user has more open than one look-up goes through, or there are too many processes.
        case tooMuchOpen
        /// This process could not look, as when it has no descriptor left.
        case unavailable(SystemError)

        fileprivate init(_ code: Int32) {
            self =
                code == E2BIG
                ? .tooMuchOpen : .unavailable(SystemError(action: "look for the holders of a socket", code: code))
        }
    }

    /// Who holds the socket.
    package let holders: [Holder]
    /// Whether there are processes of the user into which this one may not look.
    package let isIncomplete: Bool
    /// Whether processes of other users have more open than was looked at: one of them may hold the socket unseen.
    package let isPartial: Bool

    private let inode: UInt32
    /// What may still be looked at.
    private var left: countersign_search_bounds

    /// Goes through all processes of this process's view.
    ///
    /// Of the user's own, all that they have open is looked at, or the look-up ends as too much. What the processes of other
    /// users than the socket's have open is looked at up to a bound for each process, each user, and all of them: nobody makes
    /// the look-ups of others take long by opening files. The user of a process is the real one, which running a program as
    /// another user does not change. Of a process with more, the lowest and the highest descriptors are looked at. They come after
    /// the user's own, and have time of their own: what it is too little for is ``isPartial`` and no fault.
    ///
    /// - Parameters:
    ///   - inode: the number of the socket.
    ///   - user: who made it.
    ///   - bounds: how much it may take.
    /// - Throws: ``Fault``.
    package init(
        ofInode inode: UInt32,
        madeBy user: UInt32,
        within bounds: Bounds = Bounds()
    ) throws(Fault) {
        self.inode = inode
        left = countersign_search_bounds(
            descriptors: bounds.descriptors,
            time: Int64(clamping: bounds.time.nanoseconds),
            others_time: Int64(clamping: bounds.timeForOthers.nanoseconds)
        )
        var found = [countersign_holder](repeating: countersign_holder(), count: Self.most)
        let facts = unsafe countersign_socket_holders(inode, user, &left, &found, Int32(Self.most))
        guard facts.error == 0 else { throw Fault(facts.error) }
        holders = found.prefix(max(0, Int(facts.count)))
            .map { Holder(processID: $0.process, descriptor: $0.descriptor) }
        isIncomplete = facts.hidden != 0
        isPartial = facts.partial != 0
    }

    /// Whether a process still holds the socket, as the same descriptor or as another one.
    ///
    /// - Throws: ``Fault``, as that it cannot be told is not that it does not; all that is looked at counts together.
    package mutating func stillHas(_ holder: Holder) throws(Fault) -> Bool {
        let result = unsafe countersign_holds_socket(holder.processID, inode, holder.descriptor, &left)
        guard result >= 0 else { throw Fault(errno) }
        return result == 1
    }

    /// The most holders; a socket with more belongs to nobody in particular.
    package static let most = 256
}
