import Glibc
import Synchronization

/// A thread that runs one event loop from start to end.
package final class EventLoopThread: Sendable {
    /// Sends work to the thread's loop.
    package let mailbox: Mailbox
    private let finished: Completion

    /// Starts the thread, runs `setUp` on it, then the loop until ``stop()``.
    ///
    /// `setUp` runs on the new thread before the first turn; what it throws ends the thread and is thrown here.
    ///
    /// - Throws: ``SystemError``, or what `setUp` threw.
    package init(name: String, index: Int, setUp: @escaping @Sendable (EventLoop) throws -> Void) throws {
        let started = Completion()
        let finished = Completion()
        let box = Mutex<Mailbox?>(nil)
        let slot = MailboxSlot(box: box)
        try spawn(name: name) {
            do {
                let loop = try EventLoop(index: index)
                try setUp(loop)
                slot.set(loop.mailbox)
                started.finish(with: nil)
                loop.run()
                loop.context = nil
                finished.finish(with: nil)
            } catch {
                started.finish(with: error)
                finished.finish(with: nil)
            }
        }
        if let error = started.wait() { throw error }
        guard let mailbox = slot.get() else { throw SystemError(action: "start the thread \(name)", code: EINVAL) }
        self.mailbox = mailbox
        self.finished = finished
    }

    /// Asks the loop to end.
    package func stop() {
        mailbox.send { $0.stop() }
    }

    /// Blocks until the loop has ended.
    package func join() {
        _ = finished.wait()
    }
}

private final class MailboxSlot: Sendable {
    private let box: Mutex<Mailbox?>

    init(box: consuming sending Mutex<Mailbox?>) {
        self.box = box
    }

    func set(_ mailbox: Mailbox) {
        box.withLock { $0 = mailbox }
    }

    func get() -> Mailbox? {
        box.withLock { $0 }
    }
}
