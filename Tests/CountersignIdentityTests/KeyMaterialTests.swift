import CountersignIdentity
import Testing

@Suite struct KeyMaterialTests {
    /// A key that no one uses, in Base64.
    static let key = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg"

    @Test(arguments: [
        "-----BEGIN PRIVATE KEY-----\nMIGH",
        "-----BEGIN EC PRIVATE KEY-----\\nMHcC",
        "PRIVATE PPRIVATE KEY",
        key,
        "key=\(key)",
        "/etc/countersign/\(key)",
        "MC4CAQAwBQYDK2VwBCIEI/d0/aB/cD/eF/gH/iJ/kL/mN/oP/qR/sT",
        String(repeating: "0badcafe", count: 8),
        "0123456789abcdefghijABCDEFGHIJ0123456789",
    ])
    func aTextThatMayHoldAKeyIsNeverPartOfAMessage(text: String) {
        #expect(KeyMaterial.mayBe(in: text))
        #expect(IdentityError.excerpt(of: text) == "\"<not shown, as it may be a private key>\"")
    }

    @Test(arguments: [
        "", "PRIVATE", "PRIVATE KEX", "PRIVATEKEY",
        "0123456789abcdefghijABCDEFGHIJ012345678",
        String(repeating: "a", count: 300),
        "/home/User1/projects/countersign/config/server.pem",
        "./Tenants/number1/countersign/keys/of/the/server",
        "3fa85f64-5717-4562-b3fc-2c963f66afa6/3fa85f64-5717-4562-b3fc-2c963f66afa6",
        "spiffe://prod1.example.com/ns/Checkout/sa/frontend",
    ])
    func otherTextsAreShown(text: String) {
        #expect(!KeyMaterial.mayBe(in: text))
        #expect(IdentityError.excerpt(of: text).hasPrefix("\"\(text.prefix(80))"))
    }
}
