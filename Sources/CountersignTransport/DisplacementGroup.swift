import Synchronization

/// Listeners of one process whose idle connections give their place to new ones.
///
/// Descriptors are the process's, connections each listener's own: a listener that has no connection to close when the system
/// has no descriptor left would take none for as long as others hold theirs. It has another of its group close one.
package final class DisplacementGroup: Sendable {
    private let members = Mutex<[Member]>([])

    /// A group without members.
    package init() {}

    /// Adds a listener, on the thread of its loop.
    ///
    /// - Parameters:
    ///   - loop: the listener's.
    ///   - displace: closes a connection of the listener that is the context of the loop; answers whether it did.
    package func join(_ loop: EventLoop, displace: @escaping @Sendable (EventLoop) -> Bool) -> Member {
        let member = Member(group: self, mailbox: loop.mailbox, displace: displace)
        members.withLock { $0.append(member) }
        return member
    }

    private func leave(_ member: Member) {
        members.withLock { all in all.removeAll { $0 === member } }
    }

    private func others(than member: Member) -> [Member] {
        members.withLock { all in all.filter { $0 !== member } }
    }

    /// Has the first that can do so close a connection.
    private static func displace(_ members: ArraySlice<Member>) {
        guard let first = members.first else { return }
        first.mailbox.send { loop in
            if !first.displace(loop) { displace(members.dropFirst()) }
        }
    }

    /// A listener of the group.
    package final class Member: Sendable {
        private let group: DisplacementGroup
        private let connections = Atomic<Int>(0)
        fileprivate let mailbox: Mailbox
        fileprivate let displace: @Sendable (EventLoop) -> Bool

        fileprivate init(
            group: DisplacementGroup,
            mailbox: Mailbox,
            displace: @escaping @Sendable (EventLoop) -> Bool
        ) {
            self.group = group
            self.mailbox = mailbox
            self.displace = displace
        }

        /// Says how many connections the listener has.
        package func has(_ count: Int) {
            connections.store(count, ordering: .relaxed)
        }

        /// Has another listener close a connection: of those that can, the one with the most.
        ///
        /// Each does so on its own thread, after this call.
        package func displaceElsewhere() {
            let others = group.others(than: self).map { ($0.connections.load(ordering: .relaxed), $0) }
            DisplacementGroup.displace(others.sorted { $0.0 > $1.0 }.map(\.1)[...])
        }

        /// Leaves the group: the listener has ended.
        package func leave() {
            group.leave(self)
        }
    }
}
