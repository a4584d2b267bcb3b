import CountersignForwarding
import Testing

/// The values of the certificates are those of RFC 9440 appendix A.
@Suite struct ClientCertFieldsTests {
    @Test func `the example of RFC 9440 is written`() throws {
        let headers = ClientCertFields.headers(for: ExampleCertificate.forwarded())
        #expect(headers.map(\.name) == ["Client-Cert", "Client-Cert-Chain"])
        #expect(text(headers[0].value) == ":" + ExampleCertificate.leafBase64 + ":")
        #expect(text(headers[1].value) == ":" + ExampleCertificate.intermediateBase64 + ":")
    }

    @Test func `the example of RFC 9440 is read`() throws {
        let value = bytes(":" + ExampleCertificate.leafBase64 + ":")
        #expect(try ClientCertFields.parseCertificate(value.span) == ExampleCertificate.leafDER)
    }

    @Test func `without a chain there is no chain field`() {
        var certificate = ExampleCertificate.forwarded()
        certificate.chainDER = []
        #expect(ClientCertFields.headers(for: certificate).map(\.name) == ["Client-Cert"])
    }

    @Test func `a chain is read from one field or from several`() throws {
        var certificate = ExampleCertificate.forwarded()
        certificate.chainDER = [[1, 2, 3], [4], [5, 6]]
        let value = ClientCertFields.headers(for: certificate)[1].value
        #expect(text(value) == ":AQID:, :BA==:, :BQY=:")
        var chain: [[UInt8]] = []
        try ClientCertFields.parseChain(value.span, appendingTo: &chain)
        #expect(chain == certificate.chainDER)
        var split: [[UInt8]] = []
        try ClientCertFields.parseChain(bytes(":AQID:").span, appendingTo: &split)
        try ClientCertFields.parseChain(bytes(" :BA==:\t,:BQY=: ").span, appendingTo: &split)
        #expect(split == certificate.chainDER)
    }

    @Test(arguments: [
        ("", ForwardedHeaderError.Code.malformedElement), ("AQID", .malformedElement), (":AQID", .malformedElement),
        ("AQID:", .malformedElement), ("::", .empty), (":AQ ID:", .invalidBase64), (":AQIDA:", .invalidBase64),
        (":BA:", .invalidBase64), (":BB==:", .invalidBase64), (":AQID:;p=1", .malformedElement),
        (":AQID:, :AQID:", .malformedElement), ("\"AQID\"", .malformedElement), (":AQID: x", .malformedElement),
        (":" + String(repeating: "A", count: 65_536) + ":", .tooLarge),
    ])
    func `a value that is not one certificate is refused`(value: String, code: ForwardedHeaderError.Code) {
        #expect(throws: ForwardedHeaderError(code, "")) { try ClientCertFields.parseCertificate(bytes(value).span) }
    }

    @Test(arguments: [
        ("", ForwardedHeaderError.Code.malformedElement), (":AQID:,", .malformedElement),
        (",:AQID:", .malformedElement),
        (":AQID: :AQID:", .malformedElement), (":AQID:;:AQID:", .malformedElement), ("(:AQID:)", .malformedElement),
        (String(repeating: ":AQID:,", count: 10) + ":AQID:", .tooMany),
    ])
    func `a value that is not a chain is refused`(value: String, code: ForwardedHeaderError.Code) {
        var chain: [[UInt8]] = []
        #expect(throws: ForwardedHeaderError(code, "")) {
            try ClientCertFields.parseChain(bytes(value).span, appendingTo: &chain)
        }
    }
}
