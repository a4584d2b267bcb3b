import CountersignForwarding
import CountersignTesting
import Testing

@Suite struct DistinguishedNameTextTests {
    @Test(arguments: [
        ("", ""), ("CN=a", "CN=a"), ("CN=a,OU=app:1,OU=space:2", "CN=a,OU=app:1,OU=space:2"),
        (#"O=Foo\, Inc.,C=US"#, #"O=Foo\2C Inc.,C=US"#), (#"CN=a\"b"#, #"CN=a\22b"#), (#"CN=a\\"#, #"CN=a\5C"#),
        (#"CN=a\\\,OU=app:x"#, #"CN=a\5C\2COU\3Dapp:x"#), (#"CN=a\0D\0ab"#, #"CN=a\0D\0Ab"#),
        ("CN=OU=app:x", #"CN=OU\3Dapp:x"#), (#"CN=\+1"#, #"CN=\2B1"#), ("CN=a+UID=b", "CN=a+UID=b"),
        ("CN=ü", #"CN=\C3\BC"#), ("CN=a\r\nb", #"CN=a\0D\0Ab"#), (#"CN=a;b"#, #"CN=a\3Bb"#), (#"CN=a\"#, #"CN=a\5C"#),
        (#"1.2.3=#0403"#, #"1.2.3=#0403"#), ("CN=\\#x\\ ", #"CN=\23x\20"#),
    ])
    func `escapes become pairs of digits`(plain: String, safe: String) {
        var output: [UInt8] = []
        DistinguishedNameText.append(bytes(plain).span, to: &output)
        #expect(text(output) == safe)
    }

    @Test func `the safe form is stable and holds nothing that a reader could take for an end`() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<3000 {
            var once: [UInt8] = []
            DistinguishedNameText.append(bytes(generator.hostileText(upTo: 12)).span, to: &once)
            var twice: [UInt8] = []
            DistinguishedNameText.append(once.span, to: &twice)
            #expect(once == twice)
            #expect(once.allSatisfy { (0x20...0x7E).contains($0) })
            #expect(!text(once).contains("\"") && !text(once).contains(";") && !text(once).contains(#"\\"#))
        }
    }

    @Test func `an attribute imitated inside another is none`() {
        let attributes = DistinguishedNameText.attributes(of: #"CN=x\,OU=app:evil,O=y\\\,OU=app:evil,OU=app:good"#)
        #expect(attributes.map { text($0.type) } == ["CN", "O", "OU"])
        #expect(attributes.map { text($0.value) }.last == "app:good")
    }
}
