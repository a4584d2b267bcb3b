import Glibc
import Logging

/// What the writer's thread does: it takes blocks from the queue and writes them, alone with the descriptor.
final class AccessLogWriterThread {
    private let queue: AccessLogQueue
    private let wake: WakePipe
    private let metrics: AccessLogMetrics
    private let logger: Logger
    private let path: String?
    private var output: DescriptorWriter
    private var isFailing = false

    /// Opens the destination.
    ///
    /// - Throws: ``SystemCallError`` when it cannot be opened.
    init(
        destination: AccessLogDestination,
        queue: AccessLogQueue,
        wake: WakePipe,
        metrics: AccessLogMetrics,
        logger: Logger
    ) throws(SystemCallError) {
        switch destination {
        case .file(let path):
            self.path = path
            self.output = DescriptorWriter(descriptor: try Self.open(path), isNonBlocking: true)
        case .descriptor(let descriptor):
            self.path = nil
            self.output = DescriptorWriter(descriptor: descriptor)
        }
        self.queue = queue
        self.wake = wake
        self.metrics = metrics
        self.logger = logger
    }

    deinit {
        if self.path != nil {
            close(self.output.descriptor)
        }
    }

    /// Writes until the queue is closed and empty, or its deadline has passed.
    func run() {
        while true {
            switch self.queue.next() {
            case .write(let block):
                self.write(block)
                self.queue.recycle(block)
            case .reopen:
                self.reopen()
            case .wait:
                _ = self.poll(nil, timeout: -1)
                self.wake.drain()
            case .stop:
                return
            }
        }
    }

    private func write(_ block: AccessLogBlock) {
        let result = block.writer.withBytes { bytes in
            self.output.write(bytes) { descriptor in self.waitUntilWritable(descriptor) }
        }
        switch result {
        case .complete:
            self.metrics.written.add(block.records)
            if self.isFailing {
                self.isFailing = false
                self.logger.notice("access log is written again")
            }
        case .blocked:
            self.metrics.dropped.add(block.records)
        case .failed(let number):
            self.metrics.dropped.add(block.records)
            self.metrics.errors.add()
            if !self.isFailing {
                self.isFailing = true
                self.report("access log cannot be written", SystemCallError(call: "write", number: number))
            }
        }
    }

    private func reopen() {
        guard let path = self.path else { return }
        do throws(SystemCallError) {
            let descriptor = try Self.open(path)
            close(self.output.descriptor)
            self.output = DescriptorWriter(descriptor: descriptor, isNonBlocking: true)
            self.logger.info("access log reopened")
        } catch {
            self.metrics.errors.add()
            self.report("access log cannot be reopened; the old file stays in use", error)
        }
    }

    private func report(_ message: Logger.Message, _ error: SystemCallError) {
        self.logger.warning(
            message,
            metadata: ["countersign.error": "\(error)", "countersign.file": "\(self.path ?? "")"]
        )
    }

    /// Waits for the destination; false once the log is closed and its deadline has passed.
    private func waitUntilWritable(_ descriptor: Int32) -> Bool {
        while true {
            var timeout: Int32 = -1
            if let deadline = self.queue.deadline {
                let left = deadline - MonotonicClock.nanoseconds()
                guard left > 0 else { return self.poll(descriptor, timeout: 0) }
                timeout = Int32(clamping: left / 1_000_000 + 1)
            }
            if self.poll(descriptor, timeout: timeout) { return true }
            self.wake.drain()
        }
    }

    /// Waits for a wake-up or for the descriptor; true when it is the descriptor that is ready.
    private func poll(_ descriptor: Int32?, timeout: Int32) -> Bool {
        var entries: [2 of pollfd] = [
            pollfd(fd: self.wake.readEnd, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor ?? -1, events: Int16(POLLOUT), revents: 0),
        ]
        let count = unsafe withUnsafeMutablePointer(to: &entries) { pointer in
            unsafe pointer.withMemoryRebound(to: pollfd.self, capacity: 2) { unsafe Glibc.poll($0, 2, timeout) }
        }
        return count > 0 && entries[1].revents != 0
    }

    private static func open(_ path: String) throws(SystemCallError) -> Int32 {
        // Without O_NONBLOCK, opening a named pipe would wait for its reader.
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK
        let descriptor = unsafe Glibc.open(path, flags, 0o640)
        guard descriptor >= 0 else { throw SystemCallError(call: "open", number: errno) }
        return descriptor
    }
}
