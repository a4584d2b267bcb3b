import Glibc
import Testing

@testable import CountersignTelemetry

@Suite struct LogOutputTests {
    @Test func `drops lines instead of waiting for a pipe that is full`() {
        let pipe = TestPipe()
        let junk = pipe.fill()
        let output = LogOutput(descriptor: pipe.writeEnd)
        for _ in 0..<100 {
            output.write(Self.line("lost"))
        }
        #expect(output.dropped == 100)
        #expect(pipe.read(junk).count == junk)
        output.write(Self.line("kept"))
        #expect(output.dropped == 100)
        pipe.closeWriteEnd()
        #expect(TestPipe.readAll(pipe.readEnd) == Array("kept\n".utf8))
    }

    @Test func `keeps lines of several threads whole`() async {
        let file = OpenFile()
        let output = LogOutput(descriptor: file.descriptor)
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<4 {
                group.addTask {
                    for _ in 0..<200 {
                        output.write(Self.line(String(repeating: "\(thread)", count: 300)))
                    }
                }
            }
        }
        let lines = file.text.split(separator: "\n")
        #expect(lines.count == 800)
        #expect(lines.allSatisfy { $0.count == 300 && Set($0).count == 1 })
    }

    private static func line(_ text: String) -> ByteWriter {
        var writer = ByteWriter()
        writer.append(text: text)
        writer.append(0x0A)
        return writer
    }
}
