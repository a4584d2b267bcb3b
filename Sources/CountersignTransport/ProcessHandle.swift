import CCountersignSystem
import Glibc

/// A process that is meant and no other, even when its number is given to another one after its end (pidfd_open(2)).
package final class ProcessHandle: Sendable {
    private let descriptor: Int32

    /// The process that has connected to a Unix socket; `nil` where the system does not tell (before Linux 6.5).
    package init?(peerOf connection: Int32) {
        let descriptor = countersign_peer_process(connection)
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
    }

    /// The process that has a number at this moment; `nil` when there is none.
    ///
    /// What the number was learned by has to be looked at again afterwards: until now it may have become another's.
    package init?(processID: Int32) {
        let descriptor = countersign_pidfd_open(processID)
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Sends a signal to the process, and never to another one that has its number by now.
    ///
    /// - Throws: `SystemError`, as when the process has ended or is not this user's to signal.
    package func send(_ signal: Int32) throws(SystemError) {
        guard countersign_pidfd_signal(descriptor, signal) == 0 else { throw SystemError(action: "send a signal") }
    }

    /// Whether the process has not ended.
    package var isAlive: Bool {
        var query = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&query, 1, 0) == 0
    }
}
