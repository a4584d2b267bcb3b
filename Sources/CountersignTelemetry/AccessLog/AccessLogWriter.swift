import Glibc
package import Logging
import Synchronization

/// Writes the access log of all event loops on a thread of its own.
///
/// Loops never wait for it: a bounded number of blocks may be on the way, and what does not fit is dropped whole and
/// counted. Nothing is synced to the disk. The writer stops, after what is waiting, at ``close(within:)``.
package final class AccessLogWriter: Sendable {
    /// How the log is written.
    package let configuration: AccessLogConfiguration

    private let queue: AccessLogQueue
    private let thread: Mutex<pthread_t?>

    /// Opens the destination and starts the thread.
    ///
    /// - Parameters:
    ///   - configuration: Form and bounds.
    ///   - destination: A file or a descriptor.
    ///   - metrics: Where lines written and dropped are counted.
    ///   - logger: Where failures to write are told, once each time they begin.
    /// - Throws: ``SystemCallError`` when the destination cannot be opened or there is no thread to be had.
    package init(
        configuration: AccessLogConfiguration = AccessLogConfiguration(),
        destination: AccessLogDestination,
        metrics: AccessLogMetrics,
        logger: Logger
    ) throws {
        let wake = try WakePipe()
        let queue = AccessLogQueue(configuration, dropped: metrics.dropped, wake: wake)
        self.configuration = configuration
        self.queue = queue
        let body = try AccessLogWriterThread(
            destination: destination,
            queue: queue,
            wake: wake,
            metrics: metrics,
            logger: logger
        )
        self.thread = Mutex(try Self.start(body))
    }

    deinit {
        self.close(within: .zero)
    }

    /// Opens the file again under its path, after somebody has moved the old one; waits for nothing.
    package func reopen() {
        self.queue.requestReopen()
    }

    /// Stops taking lines, writes what is waiting, and ends the thread.
    ///
    /// Loops should flush their buffers before. Calling it again does nothing.
    ///
    /// - Parameter timeout: How long a slow destination may take; what is left then is dropped and counted.
    package func close(within timeout: Duration) {
        let (seconds, attoseconds) = timeout.components
        let nanoseconds = min(max(seconds, 0), 86_400) * 1_000_000_000 + attoseconds / 1_000_000_000
        self.queue.close(deadline: MonotonicClock.nanoseconds() + nanoseconds)
        if let thread = self.thread.withLock({ $0.take() }) {
            pthread_join(thread, nil)
        }
    }

    /// An empty block for a loop to begin with.
    func makeBlock() -> AccessLogBlock {
        self.queue.makeBlock()
    }

    /// Takes over a block of lines and returns an empty one, without waiting.
    func submit(_ block: AccessLogBlock) -> AccessLogBlock {
        self.queue.submit(block)
    }

    private static func start(_ body: AccessLogWriterThread) throws(SystemCallError) -> pthread_t {
        var all = sigset_t()
        var before = sigset_t()
        unsafe sigfillset(&all)
        // The thread inherits the mask: signals are the main thread's business, and a pipe without a reader must
        // show as an error of the write.
        unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        var thread = pthread_t()
        let argument = unsafe Unmanaged.passRetained(body)
        let result = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<AccessLogWriterThread>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            argument.toOpaque()
        )
        guard result == 0 else {
            unsafe argument.release()
            throw SystemCallError(call: "pthread_create", number: result)
        }
        return thread
    }
}
