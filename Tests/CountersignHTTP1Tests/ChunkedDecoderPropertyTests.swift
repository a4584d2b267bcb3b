import CountersignHTTP1
import CountersignTesting
import Testing

/// What must hold of the decoder however the bytes are cut.
@Suite struct ChunkedDecoderPropertyTests {
    private static let bodies =
        ChunkedDecoderTests.accepted.map { $0.0 + "next" } + ChunkedDecoderTests.refused.map(\.0)
        + ["5;abc\r\nhello\r\n3\r\nyou\r\n0;x\r\nX-One: 1\r\nX-Two:\t2 \r\n\r\nGET / HTTP/1.1\r\n"]

    @Test(arguments: bodies)
    func `a body cut once or twice anywhere gives what it gives whole`(body: String) {
        let bytes = latin1(body)
        let whole = DecodedBody(bytes)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                let cut = DecodedBody(bytes, cuts: [first, second])
                #expect(cut == whole, "cut at \(first) and \(second)")
            }
        }
    }

    @Test(arguments: bodies)
    func `a body byte by byte gives what it gives whole`(body: String) {
        let bytes = latin1(body)
        #expect(DecodedBody(bytes, cuts: Array(0..<bytes.count)) == DecodedBody(bytes))
    }

    @Test(arguments: 0..<100)
    func `content comes out as it went in, however it was chunked and cut`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let content = (0..<Int.random(in: 0...600, using: &generator)).map { _ in
            UInt8.random(in: .min ... .max, using: &generator)
        }
        let encoded = Self.encode(content, using: &generator)
        let decoded = DecodedBody(encoded, cuts: Self.cuts(encoded.count, using: &generator))
        #expect(decoded.isFinished)
        #expect(decoded.content == content)
        #expect(decoded.consumed == encoded.count)
    }

    @Test(arguments: 0..<100)
    func `a damaged body gives the same however it is cut`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        var bytes = Self.encode(Array(latin1("content of a message")), using: &generator)
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let index = Int.random(in: bytes.indices, using: &generator)
            bytes[index] = latin1("\r\n\0 ;:5f0gX").randomElement(using: &generator) ?? 0
        }
        let whole = DecodedBody(bytes)
        for _ in 0..<20 {
            #expect(DecodedBody(bytes, cuts: Self.cuts(bytes.count, using: &generator)) == whole)
        }
    }

    private static func encode(_ content: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var rest = content[...]
        var encoded: [UInt8] = []
        while !rest.isEmpty {
            let size = Int.random(in: 1...min(rest.count, 70), using: &generator)
            let digits = String(size, radix: 16, uppercase: Bool.random(using: &generator))
            let zeros = String(repeating: "0", count: Int.random(in: 0...2, using: &generator))
            let extensions = ["", "", ";a", ";b=\"c d\""].randomElement(using: &generator) ?? ""
            encoded += latin1("\(zeros)\(digits)\(extensions)\r\n") + rest.prefix(size) + latin1("\r\n")
            rest = rest.dropFirst(size)
        }
        let trailers = String(repeating: "X-T: v\r\n", count: Int.random(in: 0...3, using: &generator))
        return encoded + latin1("0\r\n\(trailers)\r\n")
    }

    private static func cuts(_ count: Int, using generator: inout SeededGenerator) -> [Int] {
        (0..<Int.random(in: 0...12, using: &generator)).map { _ in Int.random(in: 0...count, using: &generator) }
            .sorted()
    }
}
