import Testing

@testable import CountersignHTTP2

@Suite struct HPACKEncoderTests {
    private func encode(_ encoder: inout HPACKEncoder, _ fields: [(String, String)]) -> [UInt8] {
        var output: [UInt8] = []
        encoder.beginBlock(to: &output)
        for (name, value) in fields {
            let text = Array((name + value).utf8)
            let middle = name.utf8.count
            encoder.encode(text.span, name: 0..<middle, value: middle..<text.count, to: &output)
        }
        return output
    }

    private func decode(_ decoder: inout HPACKDecoder, _ bytes: [UInt8]) throws -> [String] {
        var block = FieldBlock(maxSize: 65_536, maxFields: 100)
        try decoder.decode(bytes.span, from: 0, to: bytes.count, into: &block)
        return block.fields.map { field in
            String(decoding: block.bytes[field.name], as: UTF8.self) + "="
                + String(decoding: block.bytes[field.value], as: UTF8.self)
        }
    }

    @Test(arguments: [true, false])
    func whatIsEncodedIsDecodedAgain(_ indexes: Bool) throws {
        var encoder = HPACKEncoder(indexes: indexes)
        var decoder = HPACKDecoder(maxTableSize: 4096)
        for round in 0..<200 {
            let fields = [
                ("Content-Type", "text/plain"), ("Accept-Encoding", "gzip, deflate"), ("X-Round", "\(round)"),
                ("Set-Cookie", "a=\(round)"), ("Server", "backend"), ("Date", "now"),
                ("x-long", String(repeating: "v", count: 300)),
            ]
            let wanted = fields.map { "\($0.0.lowercased())=\($0.1)" }
            #expect(try decode(&decoder, encode(&encoder, fields)) == wanted)
        }
    }

    @Test func whatComesAgainIsOneByteAndSecretsAreNot() {
        var encoder = HPACKEncoder(indexes: true)
        _ = encode(&encoder, [("server", "backend")])
        #expect(encode(&encoder, [("server", "backend")]) == [0xBE])
        let secret = encode(&encoder, [("set-cookie", "a=b")])
        #expect(secret.first.map { $0 & 0xF0 } == 0x10)
        #expect(encode(&encoder, [("set-cookie", "a=b")]) == secret)
    }

    @Test func fieldsOfDifferentCallersAreNotRemembered() {
        var encoder = HPACKEncoder(indexes: false)
        let once = encode(&encoder, [("x-token", "secret")])
        #expect(encode(&encoder, [("x-token", "secret")]) == once)
        #expect(once.first == 0)
    }

    @Test func aSmallerTableIsAnnounced() throws {
        var encoder = HPACKEncoder(indexes: true)
        var decoder = HPACKDecoder(maxTableSize: 4096)
        #expect(try decode(&decoder, encode(&encoder, [("server", "one")])) == ["server=one"])
        encoder.resize(to: 0)
        encoder.resize(to: 100)
        let block = encode(&encoder, [("server", "one")])
        #expect(block.prefix(4) == [0x20, 0x3F, 0x45, 0x76])
        #expect(try decode(&decoder, block) == ["server=one"])
    }

    @Test(arguments: [100, 200, 204, 304, 404, 421, 503])
    func statusesAreEncoded(_ status: Int) throws {
        var output: [UInt8] = []
        HPACKEncoder(indexes: true).encode(status: status, to: &output)
        var decoder = HPACKDecoder(maxTableSize: 4096)
        #expect(try decode(&decoder, output) == [":status=\(status)"])
    }
}
