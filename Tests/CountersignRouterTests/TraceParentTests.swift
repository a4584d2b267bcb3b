import CountersignTesting
import Testing

@testable import CountersignRouter

@Suite struct TraceParentTests {
    static let id = "4bf92f3577b34da6a3ce929d0e0e4736"
    static let span = "00f067aa0ba902b7"

    private func read(_ text: String) -> TraceParent? { TraceParent(Array(text.utf8).span) }

    @Test(
        arguments: [
            ("00-\(id)-\(span)-00", 0), ("00-\(id)-\(span)-01", 1), ("00-\(id)-\(span)-03", 3),
            ("00-\(id)-\(span)-fd", 1),
            ("01-\(id)-\(span)-01", 1), ("cc-\(id)-\(span)-01-what-comes-later", 1),
        ] as [(String, UInt8)]
    )
    func `a valid value is read with the flags that are known`(text: String, flags: UInt8) {
        #expect(read(text)?.flags == flags)
    }

    @Test(arguments: [
        "", "00", "00-\(id)-\(span)-0", "00-\(id)-\(span)-011", "00-\(id)-\(span)-01-x", "ff-\(id)-\(span)-01",
        "cc-\(id)-\(span)-01x", "0g-\(id)-\(span)-01", "00-\(id)-\(span)-0g",
        "00-00000000000000000000000000000000-\(span)-01", "00-\(id)-0000000000000000-01",
        "00-\(id.uppercased())-\(span)-01", "00_\(id)-\(span)-01", "00-\(id)_\(span)-01", "00-\(id)-\(span)_01",
        " 00-\(id)-\(span)-01", "00-\(id)-\(span)-01 ",
    ])
    func `what breaks a rule is none`(text: String) {
        #expect(read(text) == nil)
    }

    @Test func `any bytes are read without a trap`() {
        var generator = SeededGenerator(seed: 5)
        let good = Array("00-\(Self.id)-\(Self.span)-01".utf8)
        for _ in 0..<5000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            let cut = Array(bytes.prefix(Int.random(in: 0...55, using: &generator)))
            _ = TraceParent(cut.span)
        }
    }
}
