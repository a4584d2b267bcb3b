import CountersignIdentity
import CountersignTesting
import Testing

@Suite struct DistinguishedNameTests {
    static let instance = DistinguishedName(encodingOrder: [
        RelativeDistinguishedName(.country, "US"),
        RelativeDistinguishedName([
            NameAttribute(.organizationalUnit, "app:a1"), NameAttribute(.organizationalUnit, "space:s1"),
            NameAttribute(.organizationalUnit, "organization:o1"),
        ]),
        RelativeDistinguishedName(.commonName, "instance"),
    ])

    @Test func `the text has the most specific level first`() {
        #expect(Self.instance.description == "CN=instance,OU=app:a1+OU=space:s1+OU=organization:o1,C=US")
        #expect(
            Self.instance.rendered(.rfc2253Flattened) == "CN=instance,OU=app:a1,OU=space:s1,OU=organization:o1,C=US"
        )
        #expect(DistinguishedName.empty.description.isEmpty)
    }

    @Test func `accessors see every attribute's own value only`() {
        let name = DistinguishedName(encodingOrder: [
            RelativeDistinguishedName(.organization, "Example,OU=app:fake"),
            RelativeDistinguishedName(.organizationalUnit, "app:real"),
            RelativeDistinguishedName(.commonName, "x+OU=app:fake"),
        ])
        #expect(name.organizationalUnits == ["app:real"])
        #expect(name.commonNames == ["x+OU=app:fake"])
        #expect(name.organizations == ["Example,OU=app:fake"])
    }

    static let escapes: [(value: String, kept: String, ascii: String)] = [
        ("plain", "CN=plain", "CN=plain"),
        ("", "CN=", "CN="),
        ("a,b+c;d<e>f\"g\\h", #"CN=a\,b\+c\;d\<e\>f\"g\\h"#, #"CN=a\,b\+c\;d\<e\>f\"g\\h"#),
        (" x ", #"CN=\ x\ "#, #"CN=\ x\ "#),
        (" ", #"CN=\ "#, #"CN=\ "#),
        ("a b", "CN=a b", "CN=a b"),
        ("#a#", ##"CN=\#a#"##, ##"CN=\#a#"##),
        ("a=b", "CN=a=b", "CN=a=b"),
        ("a\0b\r\n\u{7F}", #"CN=a\00b\0D\0A\7F"#, #"CN=a\00b\0D\0A\7F"#),
        ("é", "CN=é", #"CN=\C3\A9"#),
    ]

    @Test(arguments: escapes)
    func `special characters are escaped and read back`(escape: (value: String, kept: String, ascii: String)) throws {
        let name = DistinguishedName(encodingOrder: [RelativeDistinguishedName(.commonName, escape.value)])
        #expect(name.rendered(.rfc4514) == escape.kept)
        #expect(name.rendered(.rfc2253) == escape.ascii)
        #expect(try DistinguishedName(parsing: escape.kept) == name)
        #expect(try DistinguishedName(parsing: escape.ascii) == name)
    }

    @Test(arguments: [
        ("UID=jsmith,DC=example,DC=net", 3, "example"),
        ("OU=Sales+CN=J.  Smith,DC=example,DC=net", 3, "example"),
        (#"CN=James \"Jim\" Smith\, III,DC=example,DC=net"#, 3, "example"),
        (#"CN=Before\0dAfter,DC=example,DC=net"#, 3, "example"),
        ("1.3.6.1.4.1.1466.0=#04024869,DC=example", 2, "example"),
        (#"CN=Lu\C4\8Di\C4\87,DC=example"#, 2, "example"),
    ])
    func `the examples of RFC 4514 are read`(text: String, levels: Int, domain: String) throws {
        let name = try DistinguishedName(parsing: text)
        #expect(name.levels.count == levels)
        #expect(name.texts(of: .domainComponent).last == domain)
        #expect(try DistinguishedName(parsing: name.description) == name)
    }

    @Test func `the RFC's escaped values are unescaped`() throws {
        #expect(try DistinguishedName(parsing: #"CN=Before\0dAfter"#).commonNames == ["Before\rAfter"])
        #expect(try DistinguishedName(parsing: #"CN=Lu\C4\8Di\C4\87"#).commonNames == ["Lučić"])
        #expect(try DistinguishedName(parsing: "CN=#0C026869").commonNames == ["hi"])
    }

    @Test(arguments: [
        ",", "CN", "CN=a,", ",CN=a", "CN=a,,O=b", "CN=a+", "=a", "CN =a", " CN=a", "CN=a, O=b", "CN= a", "CN=a ",
        "CN=a;O=b",
        "CN=\"a\"", "CN=a\"b", "CN=a<b", #"CN=a\"#, #"CN=a\z"#, #"CN=a\0"#, "CN=#", "CN=#0", "CN=#0g", "CN=#00x",
        #"CN=\ff"#, "CN=a\0", "XX=a", "2.5.4=a=b,", "2.05.4=a", "3.1=a", "2=a", "2..5=a", "CN==a,",
    ])
    func `a text that is no name is refused`(text: String) {
        #expect(throws: IdentityError.self) { try DistinguishedName(parsing: text) }
    }

    @Test(arguments: ["CN=#1303616263", "CN=#0C01", "CN=#0C8101FF", "CN=#0C81016869"])
    func `encoded bytes that are no UTF8String stay bytes`(text: String) throws {
        let name = try DistinguishedName(parsing: text)
        #expect(name.commonNames.isEmpty)
        #expect(name.attributes.count == 1)
        #expect(name.description == text)
    }

    @Test func `limits hold`() throws {
        let most = Array(repeating: "CN=a", count: 128).joined(separator: ",")
        #expect(try DistinguishedName(parsing: most).attributes.count == 128)
        #expect(throws: IdentityError(.invalidDistinguishedName, "")) { try DistinguishedName(parsing: most + ",CN=a") }
        let longest = "CN=" + String(repeating: "a", count: 16_381)
        #expect(try DistinguishedName(parsing: longest).commonNames.count == 1)
        #expect(throws: IdentityError(.invalidDistinguishedName, "")) { try DistinguishedName(parsing: longest + "a") }
    }

    @Test func `a type without a short name takes its value as bytes`() throws {
        let type = try NameAttributeType(oid: "1.2.3.4")
        let name = DistinguishedName(encodingOrder: [RelativeDistinguishedName(type, "abc")])
        #expect(name.description == "1.2.3.4=#0C03616263")
        #expect(try DistinguishedName(parsing: name.description) == name)
        let long = DistinguishedName(encodingOrder: [
            RelativeDistinguishedName(type, String(repeating: "x", count: 300))
        ])
        #expect(try DistinguishedName(parsing: long.description) == long)
    }

    @Test func `any name reads back from its text`() throws {
        var generator = SeededGenerator(seed: 7)
        let alphabet = Array(" #\"+,;<>\\=a0é\0\n🙂OU:".unicodeScalars)
        let types: [NameAttributeType] = [
            .commonName, .organizationalUnit, .emailAddress, try NameAttributeType(oid: "1.2.3"),
        ]
        for _ in 0..<3_000 {
            var levels: [RelativeDistinguishedName] = []
            for _ in 0..<Int.random(in: 1..<4, using: &generator) {
                var attributes: [NameAttribute] = []
                for _ in 0..<Int.random(in: 1..<3, using: &generator) {
                    var text = ""
                    for _ in 0..<Int.random(in: 0..<6, using: &generator) {
                        text.unicodeScalars.append(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)])
                    }
                    attributes.append(NameAttribute(types[Int.random(in: 0..<4, using: &generator)], text))
                }
                levels.append(RelativeDistinguishedName(attributes))
            }
            let name = DistinguishedName(encodingOrder: levels)
            let text = name.rendered(.rfc2253)
            #expect(try DistinguishedName(parsing: text) == name)
            #expect(try DistinguishedName(parsing: name.rendered(.rfc4514)) == name)
            #expect(text.utf8.allSatisfy { (0x20..<0x7F).contains($0) })
        }
    }

    @Test func `texts that differ in normalization only are different`() {
        let composed = NameAttribute(.commonName, "\u{E9}")
        let decomposed = NameAttribute(.commonName, "e\u{301}")
        #expect(composed != decomposed)
        #expect(composed == NameAttribute(.commonName, "\u{E9}"))
    }
}
