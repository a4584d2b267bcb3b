import CountersignProxyProtocol
import Testing

@Suite struct CRC32CTests {
    /// The vectors of RFC 3720 appendix B.4, and the check value of the usual catalogues.
    static let vectors: [([UInt8], UInt32)] = [
        ([], 0),
        (Array("123456789".utf8), 0xE306_9283),
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        (Array(0...31), 0x46DD_794E),
        (Array((0...31).reversed()), 0x113F_DB5C),
    ]

    @Test(arguments: vectors)
    func `the published vectors hold`(bytes: [UInt8], expected: UInt32) {
        var sum = CRC32C()
        sum.add(bytes.span)
        #expect(sum.value == expected)
    }

    @Test func `bytes can come in pieces`() {
        var sum = CRC32C()
        for piece in ["12", "", "3456", "789"] { sum.add(Array(piece.utf8).span) }
        #expect(sum.value == 0xE306_9283)
    }
}
