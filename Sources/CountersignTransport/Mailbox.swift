import CCountersignSystem
import Glibc
import Synchronization

/// Work for an event loop from other threads.
package final class Mailbox: Sendable {
    package typealias Work = @Sendable (EventLoop) -> Void

    let descriptor: Int32
    private let waiting = Mutex<[Work]>([])

    init() throws(SystemError) {
        self.descriptor = countersign_eventfd()
        guard descriptor >= 0 else { throw SystemError(action: "create an eventfd") }
    }

    deinit {
        close(descriptor)
    }

    /// Has the loop run `work` on its own thread in its next turn; work of one sender runs in order.
    package func send(_ work: @escaping Work) {
        waiting.withLock { $0.append(work) }
        var one: UInt64 = 1
        _ = unsafe write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    func drain(into loop: EventLoop) {
        var count: UInt64 = 0
        _ = unsafe read(descriptor, &count, MemoryLayout<UInt64>.size)
        let all = waiting.withLock { work in
            defer { work = [] }
            return work
        }
        for work in all { work(loop) }
    }
}
