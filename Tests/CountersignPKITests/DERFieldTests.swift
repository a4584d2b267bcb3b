import Testing

@testable import CountersignPKI

@Suite struct DERFieldTests {
    private func fault(_ bytes: [UInt8]) -> String? {
        do throws(EncodingFault) {
            _ = try DERField(parsing: bytes)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func `fields are found in order, with their tags, contents and encodings`() throws {
        let whole = try DERField(parsing: [0x30, 0x09, 0x02, 0x01, 0x05, 0xA0, 0x02, 0x05, 0x00, 0x04, 0x00])
        var fields = try whole.fields()
        #expect(fields.nextTag == DERTag.integer)
        #expect(fields.optional(DERTag.octetString) == nil)
        #expect(try fields.any().integer() == 5)
        let found = fields.optional(DERTag.constructed(0))
        let tagged = try #require(found)
        #expect(Array(tagged.encoded) == [0xA0, 0x02, 0x05, 0x00])
        #expect(try tagged.onlyField().tag == DERTag.null)
        #expect(throws: EncodingFault.self) { try fields.end() }
        #expect(try fields.any().octetString().isEmpty)
        try fields.end()
        #expect(fields.next() == nil && fields.nextTag == nil)
        #expect(throws: EncodingFault.self) { try fields.any() }
    }

    @Test(
        arguments: [
            ([], "cut short"), ([0x30], "cut short"), ([0x30, 0x01], "cut short"), ([0x04, 0x82, 0x01], "cut short"),
            ([0x30, 0x03, 0x04, 0x02, 0x00], "cut short"), ([0x1F, 0x81], "cut short"),
            ([0x04, 0x80, 0x00, 0x00], "a length"), ([0x30, 0x80, 0x00, 0x00], "a length"),
            ([0x04, 0x81, 0x01, 0x00], "a length"),
            ([0x04, 0x82, 0x00, 0x80] + [UInt8](repeating: 0, count: 128), "a length"),
            ([0x04, 0x85, 0x01, 0x00, 0x00, 0x00, 0x00], "a length"),
            ([0x05, 0x00, 0x00], "rules"), ([0x00, 0x00], "rules"), ([0x20, 0x00], "rules"),
            ([0x30, 0x02, 0x00, 0x00], "rules"), ([0x1F, 0x1E, 0x00], "rules"), ([0x1F, 0x80, 0x1F, 0x00], "rules"),
            ([0xBF, 0x8F, 0xFF, 0xFF, 0xFF, 0x7F, 0x00], "rules"),
        ] as [([UInt8], String)]
    )
    func `what is not DER is refused with the rule that it breaks`(_ bytes: [UInt8], _ reason: String) {
        #expect(self.fault(bytes)?.contains(reason) == true)
    }

    @Test func `high tag numbers are passed over and taken for no other`() throws {
        let field = try DERField(parsing: [0x30, 0x04, 0xBF, 0x81, 0x00, 0x00])
        var fields = try field.fields()
        #expect(fields.optional(DERTag.constructed(0)) == nil)
        #expect(try fields.any().content.isEmpty)
        try fields.end()
    }

    @Test func `fields may stand in one another to a depth`() throws {
        func nested(_ depth: Int) -> [UInt8] {
            (1..<depth).reduce([0x30, 0x00]) { inner, _ in DERWriter.sequence { $0.encoded(inner) } }
        }
        #expect(self.fault(nested(DERField.maximumDepth)) == nil)
        #expect(self.fault(nested(DERField.maximumDepth + 1)) != nil)
        #expect(self.fault(nested(10_000)) != nil)
    }

    @Test(
        arguments: [
            ([0x02, 0x01, 0x00], 0), ([0x02, 0x01, 0x7F], 127), ([0x02, 0x02, 0x00, 0x80], 128),
            ([0x02, 0x01, 0x80], -128),
            ([0x02, 0x01, 0xFF], -1), ([0x02, 0x08, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], Int.max),
            ([0x02, 0x08, 0x80, 0, 0, 0, 0, 0, 0, 0], Int.min),
        ] as [([UInt8], Int)]
    )
    func `numbers`(_ bytes: [UInt8], _ number: Int) throws {
        #expect(try DERField(parsing: bytes).integer() == number)
    }

    @Test(
        arguments: [
            [0x02, 0x00], [0x02, 0x02, 0x00, 0x7F], [0x02, 0x02, 0xFF, 0x80],
            [0x02, 0x09, 0x01, 0, 0, 0, 0, 0, 0, 0, 0],
            [0x22, 0x03, 0x02, 0x01, 0x01], [0x04, 0x01, 0x01],
        ] as [[UInt8]]
    )
    func `no numbers`(_ bytes: [UInt8]) throws {
        let field = try DERField(parsing: bytes)
        #expect(throws: EncodingFault.self) { try field.integer() }
    }

    @Test func `booleans are all bits or none, and false is not written where it is the default`() throws {
        #expect(try DERField(parsing: [0x01, 0x01, 0xFF]).boolean())
        #expect(try !DERField(parsing: [0x01, 0x01, 0x00]).boolean())
        #expect(try DERField(parsing: [0x82, 0x01, 0xFF]).boolean(DERTag.primitive(2)))
        for bytes in [[0x01, 0x01, 0x01], [0x01, 0x00], [0x01, 0x02, 0xFF, 0xFF], [0x82, 0x01, 0xFF]] as [[UInt8]] {
            let field = try DERField(parsing: bytes)
            #expect(throws: EncodingFault.self) { try field.boolean() }
        }
        var written = try DERField(parsing: [0x30, 0x03, 0x01, 0x01, 0x00]).fields()
        #expect(throws: EncodingFault.self) { try written.booleanOrFalse() }
        var absent = try DERField(parsing: [0x30, 0x00]).fields()
        #expect(try !absent.booleanOrFalse())
        #expect(try absent.version(upTo: 3) == 1)
        var version = try DERField(parsing: [0x30, 0x05, 0xA0, 0x03, 0x02, 0x01, 0x02]).fields()
        #expect(try version.version(upTo: 3) == 3)
        var zero = try DERField(parsing: [0x30, 0x05, 0xA0, 0x03, 0x02, 0x01, 0x00]).fields()
        #expect(throws: EncodingFault.self) { try zero.version(upTo: 3) }
    }

    @Test func `bits that do not belong to a BIT STRING are zero`() throws {
        let seven = try DERField(parsing: [0x03, 0x02, 0x01, 0xFE]).bitString()
        #expect(Array(seven.bytes) == [0xFE] && seven.unusedBits == 1)
        #expect(try DERField(parsing: [0x03, 0x01, 0x00]).bitString().bytes.isEmpty)
        for bytes in [[0x03, 0x02, 0x01, 0xFF], [0x03, 0x00], [0x03, 0x01, 0x01], [0x03, 0x02, 0x08, 0x00]] as [[UInt8]]
        {
            let field = try DERField(parsing: bytes)
            #expect(throws: EncodingFault.self) { try field.bitString() }
        }
    }

    @Test(arguments: [
        "261331000000Z", "260230000000Z", "270229000000Z", "260101240000Z", "260101006000Z", "260101000060Z",
        "260101000000+", "2601010000Z", "26010100000xZ", "260100000000Z", "260101000000Z0", "-60101000000Z",
    ])
    func `no times`(_ text: String) throws {
        var writer = DERWriter()
        writer.field(DERTag.utcTime, content: text.utf8)
        let field = try DERField(parsing: writer.bytes)
        #expect(throws: EncodingFault.self) { try CertificateTime.unixSeconds(field) }
    }

    @Test(
        arguments: [
            ("20500229000000Z", nil), ("20520229000000Z", 2_592_777_600), ("20260101000000Z", nil),
            ("19500101000000Z", nil),
            ("19491231235959Z", -631_152_001), ("20500101000060Z", nil), ("20500101000000.5Z", nil),
            ("2050010100Z", nil),
        ] as [(String, Int64?)]
    )
    func `times outside the range of UTCTime`(_ text: String, _ seconds: Int64?) throws {
        var writer = DERWriter()
        writer.field(DERTag.generalizedTime, content: text.utf8)
        #expect((try? CertificateTime.unixSeconds(DERField(parsing: writer.bytes))) == seconds)
    }
}
