import CountersignForwarding
import CountersignTesting
import Testing

@Suite struct PercentCodingTests {
    @Test(arguments: [
        ("aZ09-._~", PercentCoding.Style.unreserved, "aZ09-._~"), ("a b+c/d=", .unreserved, "a%20b%2Bc%2Fd%3D"),
        ("\n", .unreserved, "%0A"), ("ü", .unreserved, "%C3%BC"), ("a b+c", .query, "a+b%2Bc"), ("\"", .query, "%22"),
        ("spiffe://td/a?b=c&d=%20", .name, "spiffe://td/a?b=c&d=%20"),
        ("a b\"\\\r\u{7F}ü", .name, "a%20b%22%5C%0D%7F%C3%BC"),
    ])
    func `each style codes what it says`(plain: String, style: PercentCoding.Style, coded: String) {
        var output: [UInt8] = []
        PercentCoding.encode(bytes(plain).span, style, to: &output)
        #expect(text(output) == coded)
    }

    @Test(arguments: [("", ""), ("a+b", "a+b"), ("%41%6a%6A", "Ajj"), ("%25", "%"), ("%C3%BC", "ü"), ("=", "=")])
    func `coded text is read`(coded: String, plain: String) throws {
        #expect(text(try PercentCoding.decode(bytes(coded).span)) == plain)
    }

    @Test(arguments: ["%", "%4", "a%4", "%4g", "%g4", "%%41", "a b", "a\nb", "\u{0}", "\u{7F}", "ü"])
    func `what is not well coded is refused`(coded: String) {
        #expect(throws: ForwardedHeaderError(.invalidPercentCoding, "")) { try PercentCoding.decode(bytes(coded).span) }
    }

    @Test func `any bytes come back`() throws {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<1000 {
            let plain = generator.bytes(upTo: 40)
            var coded: [UInt8] = []
            PercentCoding.encode(plain.span, .unreserved, to: &coded)
            #expect(try PercentCoding.decode(coded.span) == plain)
        }
    }
}
