import CountersignHTTP1
import Testing

@Suite struct ChunkedDecoderLimitTests {
    @Test func `the extensions of one chunk may fill their limit and not pass it`() {
        let limits = ChunkLimits(maxExtensionBytesPerChunk: 4)
        #expect(DecodedBody("1;abc\r\na\r\n0;abc\r\n\r\n", limits: limits).isFinished)
        #expect(DecodedBody("1;abcd\r\na\r\n0\r\n\r\n", limits: limits).violation == .chunkExtensionsTooLong)
        #expect(DecodedBody("1;abcd", limits: limits).violation == .chunkExtensionsTooLong)
    }

    @Test func `the extensions of all chunks together may fill their limit and not pass it`() {
        let limits = ChunkLimits(maxExtensionBytesTotal: 6)
        #expect(DecodedBody("1;a\r\na\r\n1;a\r\na\r\n0;a\r\n\r\n", limits: limits).isFinished)
        let more = DecodedBody("1;a\r\na\r\n1;a\r\na\r\n0;ab\r\n\r\n", limits: limits)
        #expect(more.violation == .chunkExtensionsTooLong)
    }

    @Test func `a flood of extensions is refused by default`() {
        let chunk = "1;\(String(repeating: "x", count: 255))\r\na\r\n"
        let flood = DecodedBody(String(repeating: chunk, count: 65))
        #expect(flood.violation == .chunkExtensionsTooLong)
        #expect(flood.content.count == 64)
        #expect(DecodedBody(String(repeating: chunk, count: 64) + "0\r\n\r\n").isFinished)
        #expect(DecodedBody("1;\(String(repeating: "x", count: 256))").violation == .chunkExtensionsTooLong)
        #expect(DecodedBody("1;\(String(repeating: "x", count: 255))").violation == nil)
    }

    @Test func `the trailer section may fill its limit and not pass it`() {
        let limits = ChunkLimits(maxTrailerBytes: 12)
        #expect(DecodedBody("0\r\nA: b\r\nC: d\r\n\r\n", limits: limits).isFinished)
        #expect(DecodedBody("0\r\nA: b\r\nC: de\r\n\r\n", limits: limits).violation == .trailersTooLarge)
        #expect(DecodedBody("0\r\nA: 456789012", limits: limits).violation == nil)
        #expect(DecodedBody("0\r\nA: 4567890123", limits: limits).violation == .trailersTooLarge)
    }

    @Test func `trailers may be as many as their limit and no more`() {
        let limits = ChunkLimits(maxTrailerCount: 2)
        #expect(DecodedBody("0\r\nA:\r\nB:\r\n\r\n", limits: limits).isFinished)
        #expect(DecodedBody("0\r\nA:\r\nB:\r\nC:\r\n\r\n", limits: limits).violation == .tooManyTrailers)
    }

    @Test(arguments: [Int.min, -1, 0, Int.max])
    func `no limit makes the decoder trap`(limit: Int) {
        let limits = ChunkLimits(
            maxExtensionBytesPerChunk: limit,
            maxExtensionBytesTotal: limit,
            maxTrailerBytes: limit,
            maxTrailerCount: limit
        )
        #expect(DecodedBody("1;a\r\na\r\n0\r\nX: y\r\n\r\n", limits: limits).isFinished == (limit == .max))
        #expect(DecodedBody("1\r\na\r\n0\r\nX: y\r\n\r\n", limits: limits).isFinished == (limit == .max))
        #expect(DecodedBody("1\r\na\r\n0\r\n\r\n", limits: limits).isFinished == (limit >= 0))
    }
}
