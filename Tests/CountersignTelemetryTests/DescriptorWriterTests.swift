import Glibc
import Testing

@testable import CountersignTelemetry

@Suite struct DescriptorWriterTests {
    @Test func `ends a torn line before the next one begins`() throws {
        let pipe = TestPipe()
        var writer = DescriptorWriter(descriptor: pipe.writeEnd)
        var long = [UInt8](repeating: 0x61, count: 10_000)
        long.append(0x0A)
        var turns = 0
        let first = writer.write(long.span) { _ in
            turns += 1
            return turns == 1
        }
        #expect(first == .blocked)
        let line = Array("second\n".utf8)
        #expect(writer.write(line.span) { _ in true } == .complete)
        #expect(writer.write(line.span) { _ in true } == .complete)
        pipe.closeWriteEnd()
        let lines = TestPipe.readAll(pipe.readEnd).split(separator: 0x0A, omittingEmptySubsequences: false)
        #expect(lines.map(\.count) == [4096, 6, 6, 0])
    }

    @Test func `writes nothing and tears nothing when the destination is not ready`() {
        let pipe = TestPipe()
        var writer = DescriptorWriter(descriptor: pipe.writeEnd)
        let line = Array("line\n".utf8)
        #expect(writer.write(line.span) { _ in false } == .blocked)
        #expect(writer.write(line.span) { _ in true } == .complete)
        pipe.closeWriteEnd()
        #expect(TestPipe.readAll(pipe.readEnd) == line)
    }

    @Test func `writes to sockets without blocking`() {
        var ends: [Int32] = [-1, -1]
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
        defer { close(ends[1]) }
        var writer = DescriptorWriter(descriptor: ends[1])
        let line = Array("line\n".utf8)
        #expect(writer.write(line.span) { _ in true } == .complete)
        shutdown(ends[1], Int32(SHUT_WR))
        #expect(TestPipe.readAll(ends[0]) == line)
        close(ends[0])
        #expect(writer.write(line.span) { _ in true } == .failed(EPIPE))
    }
}
