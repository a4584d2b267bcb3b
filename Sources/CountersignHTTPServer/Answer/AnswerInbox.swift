import CountersignTransport
import Glibc
import Synchronization

/// Answers on their way to one event loop, from any thread.
///
/// Connections are named by number, so a connection that is gone needs nobody to forget it. One wake-up serves all the
/// answers that come until the loop has woken; the loop's own thread needs none, as it looks here after each event.
final class AnswerInbox: Sendable {
    private struct State {
        var deliveries: [Delivery] = []
        var isWakeSent = false
    }

    private let state = Mutex(State())
    private let mailbox: Mailbox
    private let thread: pthread_t

    /// Makes an inbox for the loop of the calling thread.
    init(mailbox: Mailbox) {
        self.mailbox = mailbox
        self.thread = pthread_self()
    }

    func deliver(_ delivery: Delivery) {
        let isOwnThread = pthread_equal(pthread_self(), thread) != 0
        let wakes = state.withLock { state in
            state.deliveries.append(delivery)
            guard !isOwnThread, !state.isWakeSent else { return false }
            state.isWakeSent = true
            return true
        }
        if wakes { mailbox.send { ($0.context as? ServerListener)?.drainInbox() } }
    }

    /// Exchanges what has been delivered for `empty`, an array that is.
    func take(_ empty: inout [Delivery]) {
        state.withLock { state in
            swap(&state.deliveries, &empty)
            state.isWakeSent = false
        }
    }
}
