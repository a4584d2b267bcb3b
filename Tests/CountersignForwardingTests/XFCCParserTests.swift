import CountersignForwarding
import CountersignTesting
import Testing

@Suite struct XFCCParserTests {
    static let hash = String(repeating: "0123456789abcdef", count: 4)

    @Test func `an element of Envoy's documentation is read`() throws {
        let value = """
            By=http://frontend.lyft.com;Hash=468ed33be74eee6556d90c0149c1309e9ba61d6425303443c0748a02dd8de688;\
            Subject="/C=US/ST=CA/L=San Francisco/OU=Lyft/CN=Test Client";URI=http://testclient.lyft.com;DNS=lyft.com;\
            DNS=www.lyft.com
            """
        let element = XFCCElement(
            by: ["http://frontend.lyft.com"],
            hash: "468ed33be74eee6556d90c0149c1309e9ba61d6425303443c0748a02dd8de688",
            subject: "/C=US/ST=CA/L=San Francisco/OU=Lyft/CN=Test Client",
            uris: ["http://testclient.lyft.com"],
            dnsNames: ["lyft.com", "www.lyft.com"]
        )
        #expect(try parse(value) == [element])
    }

    @Test(arguments: [
        ("Hash=\(hash)", XFCCElement(hash: hash)), ("hASH=\"\(hash)\"", XFCCElement(hash: hash)),
        ("Hash=\(hash.uppercased())", XFCCElement(hash: hash)), ("URI=a=b=c", XFCCElement(uris: ["a=b=c"])),
        ("URI=\"a,b;c=d\"", XFCCElement(uris: ["a,b;c=d"])),
        (#"DNS="a\"b\\c\d""#, XFCCElement(dnsNames: [#"a"b\c\d"#])),
        ("By=;URI=;DNS=", XFCCElement()), ("Subject=\"\"", XFCCElement(subject: "")),
        ("New=x;URI=a", XFCCElement(uris: ["a"])),
        (" URI=a ; DNS=b\t", XFCCElement(uris: ["a"], dnsNames: ["b"])),
        ("URI=a;URI=b;By=x;By=y", XFCCElement(by: ["x", "y"], uris: ["a", "b"])),
    ])
    func `what is unusual but clear is read`(value: String, element: XFCCElement) throws {
        #expect(try parse(value) == [element])
    }

    @Test func `elements keep their order`() throws {
        let elements = try parse("URI=a,URI=b;DNS=c , Subject=\"CN=a,O=b\"")
        #expect(
            elements == [
                XFCCElement(uris: ["a"]), XFCCElement(uris: ["b"], dnsNames: ["c"]), XFCCElement(subject: "CN=a,O=b"),
            ]
        )
    }

    @Test(arguments: [#"CN=a\,OU=app:x"#, #"CN=a\"b"#, #"CN=a\\"#, #"CN=a\\\,OU=app:x"#, #"CN=\";URI=\"spiffe://evil"#])
    func `the escapes of a subject are left as they are`(subject: String) throws {
        #expect(try parse("Subject=\"\(subject)\";URI=a") == [XFCCElement(subject: subject, uris: ["a"])])
    }

    @Test(arguments: [
        ("", ForwardedHeaderError.Code.malformedElement), (",", .malformedElement), (";", .malformedElement),
        ("URI", .malformedElement),
        ("=a", .malformedElement), ("URI=a;", .malformedElement), ("URI=a,", .malformedElement),
        (",URI=a", .malformedElement),
        ("URI=a,,URI=b", .malformedElement), ("URI=a;;DNS=b", .malformedElement), ("U RI=a", .malformedElement),
        ("URI =a", .malformedElement),
        ("Subject=\"CN=a", .malformedElement), (#"Subject="CN=a\""#, .malformedElement),
        ("URI=\"a\"b", .malformedElement),
        ("URI=a\"b", .malformedElement), ("URI=a\\b", .malformedElement), ("Subject=CN=a", .malformedElement),
        ("URI=a\u{0}", .invalidText),
        ("URI=\"a\r\"", .invalidText), ("URI=\"\\\n\"", .invalidText), ("Hash=abc", .invalidHash),
        ("Hash=", .invalidHash),
        ("Hash=\(hash)0", .invalidHash), ("Hash=\(hash.dropLast())g", .invalidHash),
        ("Hash=\(hash);Hash=\(hash)", .duplicateKey),
        ("Subject=\"CN=a\";Subject=\"CN=b\"", .duplicateKey), ("Cert=\"x\"", .invalidPEM),
        ("Cert=\"%4\"", .invalidPercentCoding), ("Chain=\"\"", .empty),
    ])
    func `what is broken or ambiguous is refused as a whole`(value: String, code: ForwardedHeaderError.Code) {
        #expect(throws: ForwardedHeaderError(code, "")) { try parse(value) }
        #expect(throws: ForwardedHeaderError(code, "")) { try parse("URI=spiffe://td/good," + value) }
    }

    @Test func `a URI that was not quoted cannot bring in a second subject`() {
        let smuggled = "URI=spiffe://td/a;Subject=\"CN=admin\";Subject=\"CN=user\""
        #expect(throws: ForwardedHeaderError(.duplicateKey, "")) { try parse(smuggled) }
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        #expect(throws: ForwardedHeaderError(.invalidText, "")) { try XFCCParser.parse((bytes("URI=") + [0xC3]).span) }
    }

    @Test func `each limit holds`() throws {
        let limits = XFCCLimits(bytes: 40, elements: 2, pairs: 3, certificates: 1)
        #expect(try XFCCParser.parse(bytes("URI=a;URI=b;URI=c,URI=d").span, limits: limits).count == 2)
        for (value, code) in [
            ("URI=a;URI=b;URI=c;URI=d", ForwardedHeaderError.Code.tooMany), ("URI=a,URI=b,URI=c", .tooMany),
            ("URI=" + String(repeating: "a", count: 37), .tooLarge),
        ] {
            #expect(throws: ForwardedHeaderError(code, "")) { try XFCCParser.parse(bytes(value).span, limits: limits) }
        }
    }

    @Test func `a chain longer than the limit is refused`() throws {
        let value = XFCCWriter.envoy(ExampleCertificate.forwarded(), details: .chain)
        #expect(try XFCCParser.parse(value.span, limits: XFCCLimits(certificates: 2)).first?.chain.count == 2)
        #expect(throws: ForwardedHeaderError(.tooMany, "")) {
            try XFCCParser.parse(value.span, limits: XFCCLimits(certificates: 1))
        }
    }

    @Test func `a raw value is one certificate`() throws {
        #expect(try XFCCParser.parseRaw(bytes(ExampleCertificate.leafBase64).span) == ExampleCertificate.leafDER)
    }

    @Test(arguments: [("", ForwardedHeaderError.Code.empty), ("URI=a", .invalidBase64), ("AAAA,AAAA", .invalidBase64)])
    func `a raw value that is not a certificate is refused`(value: String, code: ForwardedHeaderError.Code) {
        #expect(throws: ForwardedHeaderError(code, "")) { try XFCCParser.parseRaw(bytes(value).span) }
    }

    @Test func `noise never makes more of itself than it may`() {
        var generator = SeededGenerator(seed: 6)
        let limits = XFCCLimits(elements: 3, pairs: 4)
        for _ in 0..<20_000 {
            let value = bytes(generator.hostileText(upTo: 20))
            guard let elements = try? XFCCParser.parse(value.span, limits: limits) else { continue }
            #expect(elements.count <= 3)
            #expect(elements.allSatisfy { $0.uris.count + $0.dnsNames.count + $0.by.count <= 4 })
        }
    }

    @discardableResult
    private func parse(_ value: String) throws -> [XFCCElement] {
        try XFCCParser.parse(bytes(value).span)
    }
}
