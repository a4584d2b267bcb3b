package import CountersignTransport
import Glibc
import Synchronization

/// What the outside asks of a running process.
package enum ControlEvent: Sendable, Equatable {
    /// SIGHUP: take up the configuration again.
    case reload
    /// A watched file was written or replaced.
    case filesChanged
    /// A name of the configuration leads elsewhere.
    case namesChanged
    /// SIGINT or SIGTERM: finish and end.
    case stop
    /// SIGUSR1: open log files anew, after a rotation.
    case reopenLogs
}

/// Turns signals and file changes into a sequence of events for one thread that waits for them.
///
/// Make it before any other thread starts, as threads inherit which signals are blocked.
package final class ControlEvents: Sendable {
    private let queue = EventQueue()

    /// Blocks the signals in this thread and those that it starts, and begins to listen for them.
    ///
    /// - Throws: `SystemError` when no thread can be made.
    package init() throws(SystemError) {
        _ = signal(SIGPIPE, SIG_IGN)
        // Of a file that may not grow any more, as of a full disk, the writer learns by an error.
        _ = signal(SIGXFSZ, SIG_IGN)
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in [SIGHUP, SIGINT, SIGTERM, SIGUSR1] { unsafe sigaddset(&set, number) }
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        let waitedFor = set
        let queue = self.queue
        try spawn(name: "signals") {
            var set = waitedFor
            while true {
                var number: Int32 = 0
                guard unsafe sigwait(&set, &number) == 0 else { continue }
                switch number {
                case SIGHUP: queue.put(.reload)
                case SIGUSR1: queue.put(.reopenLogs)
                default: queue.put(.stop)
                }
            }
        }
    }

    /// Adds an event as if it had come from outside.
    package func put(_ event: ControlEvent) {
        queue.put(event)
    }

    /// Blocks until there is an event.
    package func next() -> ControlEvent {
        queue.take()
    }

    /// Blocks until there is an event, or until a moment.
    ///
    /// - Returns: `nil` at the moment.
    package func next(until moment: ContinuousClock.Instant) -> ControlEvent? {
        queue.take(until: moment)
    }
}

private final class EventQueue: Sendable {
    private let waiting = Mutex<[ControlEvent]>([])
    private let semaphore = SystemSemaphore()

    func put(_ event: ControlEvent) {
        waiting.withLock { $0.append(event) }
        semaphore.signal()
    }

    func take(until moment: ContinuousClock.Instant) -> ControlEvent? {
        while case let rest = ContinuousClock.now.duration(to: moment), rest > .zero {
            guard semaphore.wait(upTo: rest) else { continue }
            if let event = waiting.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return event }
        }
        return nil
    }

    func take() -> ControlEvent {
        while true {
            semaphore.wait()
            if let event = waiting.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return event }
        }
    }
}
