import CCountersignSystem
import CountersignTransport
import Glibc
import Synchronization

/// Wakes the thread that looks after audit events.
final class AuditWake: Sendable {
    /// The descriptor that becomes readable, of an eventfd; whoever writes to it writes eight bytes.
    let descriptor: Int32
    private let isSignalled = Atomic<Bool>(false)

    /// - Throws: `SystemError` when there is no descriptor left.
    init() throws(SystemError) {
        descriptor = countersign_eventfd()
        guard descriptor >= 0 else { throw SystemError(action: "make an eventfd") }
    }

    deinit {
        close(descriptor)
    }

    /// Wakes the thread; of calls that come before it has woken up, one alone costs a system call.
    func signal() {
        guard !isSignalled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var one: UInt64 = 1
        _ = unsafe write(descriptor, &one, 8)
    }

    /// Waits for a wake-up, at most so long.
    func wait(milliseconds: Int32) {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&watched, 1, milliseconds) > 0 else { return }
        // First, so that whoever signals from here on is heard by the next wait at the latest.
        isSignalled.store(false, ordering: .sequentiallyConsistent)
        var count: UInt64 = 0
        _ = unsafe read(descriptor, &count, 8)
    }
}
