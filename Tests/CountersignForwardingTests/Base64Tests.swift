import CountersignForwarding
import CountersignTesting
import Testing

@Suite struct Base64Tests {
    /// The vectors of RFC 4648 section 10.
    static let vectors = [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ]

    @Test(arguments: vectors)
    func `the published vectors hold both ways`(plain: String, coded: String) throws {
        var output: [UInt8] = []
        Base64.encode(bytes(plain).span, to: &output)
        #expect(text(output) == coded)
        #expect(output.count == Base64.encodedCount(plain.utf8.count))
        #expect(text(try Base64.decode(bytes(coded).span)) == plain)
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "Zm8", "=", "==", "===", "====", "Z===", "Zg==Zg==", "Zm=v", "Zm9v\n", " Zm9v",
        "Zm 9v", "Zm9-", "Zm9_", "Zm9\u{0}", "Zh==", "Zm9=", "Zm9vYmF", "Zg=a", "=Zm9", "Zm9vé",
    ])
    func `what is not canonical is refused`(coded: String) {
        #expect(throws: ForwardedHeaderError(.invalidBase64, "")) { try Base64.decode(bytes(coded).span) }
    }

    @Test func `any bytes come back, and only from their own text`() throws {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<2000 {
            let plain = generator.bytes(upTo: 70)
            var coded: [UInt8] = []
            Base64.encode(plain.span, to: &coded)
            #expect(try Base64.decode(coded.span) == plain)
            guard let index = coded.indices.randomElement(using: &generator) else { continue }
            coded[index] = UInt8.random(in: .min ... .max, using: &generator)
            if let decoded = try? Base64.decode(coded.span) {
                var again: [UInt8] = []
                Base64.encode(decoded.span, to: &again)
                #expect(again == coded)
            }
        }
    }
}
