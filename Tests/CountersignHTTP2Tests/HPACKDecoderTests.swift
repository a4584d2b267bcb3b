import Testing

@testable import CountersignHTTP2

/// Decodes blocks one after the other and renders each as lines.
private struct Reader {
    var decoder: HPACKDecoder
    var block = FieldBlock(maxSize: 65_536, maxFields: 100)

    init(tableSize: Int = 4096) {
        decoder = HPACKDecoder(maxTableSize: tableSize)
    }

    mutating func read(_ bytes: [UInt8]) throws -> [String] {
        try decoder.decode(bytes.span, from: 0, to: bytes.count, into: &block)
        return block.fields.map { field in
            String(decoding: block.bytes[field.name], as: UTF8.self) + "="
                + String(decoding: block.bytes[field.value], as: UTF8.self)
        }
    }
}

@Suite struct HPACKDecoderTests {
    @Test func integersOfTheSpecificationAreRead() throws {
        // RFC 7541 appendix C.1.
        for (bytes, prefix, value) in [([UInt8(0x0A)], 5, 10), (hex("1f9a0a"), 5, 1337), ([UInt8(0x2A)], 8, 42)] {
            var offset = 0
            #expect(try HPACKInteger.read(bytes.span, &offset, end: bytes.count, prefix: prefix) == value)
            #expect(offset == bytes.count)
            var written: [UInt8] = []
            HPACKInteger.write(value, prefix: prefix, first: 0, to: &written)
            #expect(written == bytes)
        }
    }

    @Test func literalAndIndexedFieldsAreRead() throws {
        // RFC 7541 appendix C.2.
        var reader = Reader()
        #expect(
            try reader.read(hex("400a637573746f6d2d6b65790d637573746f6d2d686561646572"))
                == ["custom-key=custom-header"]
        )
        #expect(try reader.read(hex("040c2f73616d706c652f70617468")) == [":path=/sample/path"])
        #expect(try reader.read(hex("100870617373776f726406736563726574")) == ["password=secret"])
        #expect(try reader.read(hex("82")) == [":method=GET"])
        #expect(try reader.read(hex("be")) == ["custom-key=custom-header"])
    }

    @Test(arguments: [
        [
            "828684410f7777772e6578616d706c652e636f6d", "828684be58086e6f2d6361636865",
            "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
        ],
        [
            "828684418cf1e3c2e5f23a6ba0ab90f4ff", "828684be5886a8eb10649cbf",
            "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
        ],
    ])
    func requestsOfTheSpecificationAreRead(_ blocks: [String]) throws {
        // RFC 7541 appendices C.3 and C.4: the same requests without and with Huffman codes.
        var reader = Reader()
        let authority = ":authority=www.example.com"
        #expect(try reader.read(hex(blocks[0])) == [":method=GET", ":scheme=http", ":path=/", authority])
        #expect(
            try reader.read(hex(blocks[1]))
                == [":method=GET", ":scheme=http", ":path=/", authority, "cache-control=no-cache"]
        )
        #expect(
            try reader.read(hex(blocks[2]))
                == [":method=GET", ":scheme=https", ":path=/index.html", authority, "custom-key=custom-value"]
        )
    }

    @Test(arguments: [
        [
            """
            4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e17
            68747470733a2f2f7777772e6578616d706c652e636f6d
            """,
            "4803333037c1c0bf",
            """
            88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d41
            53444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31
            """,
        ],
        [
            """
            488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae
            82ae43d3
            """,
            "4883640effc1c0bf",
            """
            88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960
            d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007
            """,
        ],
    ])
    func responsesOfTheSpecificationEvictFromASmallTable(_ blocks: [String]) throws {
        // RFC 7541 appendices C.5 and C.6: a table of 256 bytes.
        var reader = Reader(tableSize: 256)
        let location = "location=https://www.example.com"
        let date = "date=Mon, 21 Oct 2013 20:13:21 GMT"
        #expect(try reader.read(hex(blocks[0])) == [":status=302", "cache-control=private", date, location])
        #expect(try reader.read(hex(blocks[1])) == [":status=307", "cache-control=private", date, location])
        #expect(
            try reader.read(hex(blocks[2])) == [
                ":status=200", "cache-control=private", "date=Mon, 21 Oct 2013 20:13:22 GMT", location,
                "content-encoding=gzip",
                "set-cookie=foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
            ]
        )
    }

    @Test(arguments: [
        ("80", HPACKFault.unknownIndex), ("be", .unknownIndex), ("7f", .truncated),
        ("ffffffffffff01", .integerOverflow),
        ("4005616263", .truncated), ("823fe11f", .unexpectedSizeUpdate), ("3fe21f", .unexpectedSizeUpdate),
        ("20202082", .unexpectedSizeUpdate),
        // Padding of zeros, of a whole byte, and the end-of-string symbol.
        ("008218f8ff", .malformedString), ("00821881", .truncated), ("000182f8ff", .truncated),
        ("0001618100", .malformedString), ("00016184ffffffff", .malformedString), ("00016181ff", .malformedString),
    ])
    func malformedBlocksAreRefused(_ block: String, _ fault: HPACKFault) {
        var reader = Reader()
        #expect(throws: fault) { try reader.read(hex(block)) }
    }

    @Test func everyByteHasItsHuffmanCode() throws {
        let bytes = hex(
            """
            ffc7fffd8fffffe2fffffe3fffffe4fffffe5fffffe6fffffe7fffffe8ffffeafffffff3fffffa7fffffabffffffdfffffeb
            fffffecfffffedfffffeefffffefffffff0ffffff1ffffff2fffffffbfffffcffffffd3fffffd7fffffdbfffffdffffffe3f
            ffffe7fffffebfffffed4fe3f9ffaffcabf1febfafefe7fdfd2cbb00089969b71d79fb9f7fff20ffbff3ff50ddbd7f061c58
            f265cd9f469d5af66dddbf871e5f9cff7ff7fffc3ff9ffe45fff4719242cb34e6e9d68a6a3d7dac426defe3cfaf7fffbfe7f
            fbffdffffffcfffe6ffff4bfff9ffffa3fffd3ffff53fffd5ffffb3fffeb7fffdaffffb7ffff73fffeeffffdeffffebffffb
            fffffd9ffffdbfffebffffe0ffffeeffffc3ffff8bffff1ffffe4fffee7fffb1ffff97fffd9ffffcdffff9fffffbffffdaff
            feeffff4ffffb7fffee7fffe8ffffd3fffdeffffd5fffeeffffbdffffe1fffdfffff7fffff5ffffecffff07fff87fffe0fff
            f17fffedffff87ffff77fffeffffeaffff8bfffe3ffff93ffff87fffcbffff37ffff1fffff83ffffe1fffebfffe3ffff3fff
            ff2ffffa3ffffd9fffff17ffffc7fffff27ffffdefffffbffffff2fffff8fffffb7fff97fff8fffffe6fffffc1fffff87fff
            fe7fffffc5ffffe5fffe4ffff2fffffd1fffff4ffffffefffffe3fffffc9fffff97fffb3ffffcffffb7fffcdffff4ffff9ff
            ffd1ffffcffffeaffffafffffddffffeffffff4fffff5fffffabffffa7ffffd7fffff9bffffecfffffb7fffff3fffffe8fff
            ffd3fffffabfffff5fffffff7ffffecfffffdbfffffbbfffff7ffffff0fffffbbf
            """
        )
        var output: [UInt8] = []
        try HuffmanDecoder.decode(bytes.span, 0..<bytes.count, into: &output)
        #expect(output == (0...255).map { UInt8($0) })
    }

    @Test func aBombOfReferencesIsRefusedEarly() {
        var reader = Reader()
        var bytes: [UInt8] = hex("4001617f9d1e")
        bytes += [UInt8](repeating: 0x61, count: 4000)
        bytes += [UInt8](repeating: 0xBE, count: 16_000)
        #expect(throws: HPACKFault.excessiveExpansion) { try reader.read(bytes) }
    }

    @Test func whatIsBeyondTheLimitIsDroppedAndTheTableStaysRight() throws {
        var reader = Reader()
        reader.block = FieldBlock(maxSize: 100, maxFields: 100)
        let value = [UInt8](repeating: 0x61, count: 90)
        _ = try reader.read(hex("400162 5a") + value + [0x82])
        #expect(reader.block.isTooLarge)
        reader.block = FieldBlock(maxSize: 1000, maxFields: 100)
        #expect(try reader.read(hex("be")) == ["b=" + String(decoding: value, as: UTF8.self)])
    }
}
