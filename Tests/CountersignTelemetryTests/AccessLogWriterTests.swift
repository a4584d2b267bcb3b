import Glibc
import Logging
import Testing

@testable import CountersignTelemetry

@Suite struct AccessLogWriterTests {
    private let metrics = AccessLogMetrics(registry: MetricsRegistry())

    @Test func `writes every line of several loops whole`() throws {
        let file = TemporaryFile()
        let log = try self.open(.file(path: file.path), bufferSize: 1024, queueDepth: 1024)
        let loops = (0..<3).map { _ in AccessLogBuffer(log: log) }
        let sample = AccessLogSample()
        for index in 0..<600 {
            sample.append(to: loops[index % 3])
        }
        for loop in loops { loop.flush() }
        log.close(within: .seconds(30))
        let lines = file.bytes.split(separator: 0x0A)
        #expect(lines.count == 600)
        for line in lines {
            #expect(try StrictJSON(parsing: Array(line))[text: "method"] == "GET")
        }
        #expect(self.metrics.written.value == 600 && self.metrics.dropped.value == 0)
        #expect(file.mode & 0o027 == 0, "others must not read or write the log")
    }

    @Test func `never waits for a pipe that nobody reads, and counts what it drops`() throws {
        let pipe = TestPipe()
        let log = try self.open(.descriptor(pipe.writeEnd), bufferSize: 16_384, queueDepth: 2)
        let buffer = AccessLogBuffer(log: log)
        let sample = AccessLogSample()
        for _ in 0..<2000 {
            sample.append(to: buffer)
        }
        buffer.flush()
        #expect(self.metrics.dropped.value > 0)
        log.close(within: .zero)
        pipe.closeWriteEnd()
        #expect(self.metrics.written.value + self.metrics.dropped.value == 2000)
        let lines = TestPipe.readAll(pipe.readEnd).split(separator: 0x0A)
        #expect(UInt64(lines.count) >= self.metrics.written.value)
        #expect(self.metrics.written.value < 2000)
        for line in lines.dropLast() {
            #expect(throws: Never.self) { try StrictJSON(parsing: Array(line)) }
        }
    }

    @Test func `goes on when the reader comes back`() throws {
        let pipe = TestPipe()
        let junk = pipe.fill()
        let log = try self.open(.descriptor(pipe.writeEnd), bufferSize: 1024, queueDepth: 4)
        let buffer = AccessLogBuffer(log: log)
        AccessLogSample().append(to: buffer)
        buffer.flush()
        #expect(self.metrics.written.value == 0)
        #expect(pipe.read(junk).count == junk)
        log.close(within: .seconds(30))
        pipe.closeWriteEnd()
        #expect(self.metrics.written.value == 1)
        #expect(TestPipe.readAll(pipe.readEnd).count { $0 == 0x0A } == 1)
    }

    @Test func `goes on in a new file when told to reopen`() throws {
        let file = TemporaryFile()
        let moved = TemporaryFile()
        let log = try self.open(.file(path: file.path))
        let buffer = AccessLogBuffer(log: log)
        AccessLogSample().append(to: buffer)
        buffer.flush()
        rename(file.path, moved.path)
        #expect(!file.exists)
        log.reopen()
        AccessLogSample().append(to: buffer)
        buffer.flush()
        log.close(within: .seconds(30))
        #expect(file.exists)
        #expect((file.bytes + moved.bytes).count { $0 == 0x0A } == 2)
        #expect(file.bytes.contains(0x0A))
        #expect(self.metrics.errors.value == 0)
    }

    @Test func `keeps the old file when the new one cannot be opened`() throws {
        let file = TemporaryFile()
        let moved = TemporaryFile()
        let log = try self.open(.file(path: file.path))
        let buffer = AccessLogBuffer(log: log)
        rename(file.path, moved.path)
        mkdir(file.path, 0o700)
        defer { rmdir(file.path) }
        log.reopen()
        AccessLogSample().append(to: buffer)
        buffer.flush()
        log.close(within: .seconds(30))
        #expect(self.metrics.errors.value == 1)
        #expect(moved.bytes.count { $0 == 0x0A } == 1)
    }

    @Test func `counts lines that a full disk refuses and tells it once`() throws {
        let output = TemporaryFile()
        let descriptor = Glibc.open(output.path, O_WRONLY | O_CREAT, 0o600)
        defer { Glibc.close(descriptor) }
        let setup = LoggingSetup(output: LogOutput(descriptor: descriptor))
        var configuration = AccessLogConfiguration()
        configuration.bufferSize = 1024
        let log = try AccessLogWriter(
            configuration: configuration,
            destination: .file(path: "/dev/full"),
            metrics: self.metrics,
            logger: setup.makeLogger(label: "access")
        )
        let buffer = AccessLogBuffer(log: log)
        for _ in 0..<10 {
            AccessLogSample().append(to: buffer)
            buffer.flush()
        }
        log.close(within: .seconds(30))
        #expect(self.metrics.dropped.value == 10 && self.metrics.written.value == 0)
        #expect(self.metrics.errors.value == 10)
        #expect(output.text.split(separator: "\n").count == 1)
        #expect(output.text.contains("No space left on device"))
    }

    @Test func `drops and counts what comes after it was closed`() throws {
        let file = TemporaryFile()
        let log = try self.open(.file(path: file.path))
        let buffer = AccessLogBuffer(log: log)
        log.close(within: .seconds(30))
        log.close(within: .seconds(30))
        AccessLogSample().append(to: buffer)
        buffer.flush()
        #expect(self.metrics.dropped.value == 1)
        #expect(file.bytes.isEmpty)
    }

    @Test func `refuses a destination that cannot be opened`() {
        #expect(throws: SystemCallError(call: "open", number: ENOENT)) {
            try self.open(.file(path: "/nonexistent/folder/access.log"))
        }
        #expect(SystemCallError(call: "open", number: ENOENT).description == "open: No such file or directory")
    }

    private func open(
        _ destination: AccessLogDestination,
        bufferSize: Int = 65_536,
        queueDepth: Int = 64
    ) throws -> AccessLogWriter {
        var configuration = AccessLogConfiguration()
        configuration.bufferSize = bufferSize
        configuration.queueDepth = queueDepth
        return try AccessLogWriter(
            configuration: configuration,
            destination: destination,
            metrics: self.metrics,
            logger: .silent
        )
    }
}
