import CountersignPKI
import CountersignTokens
import Testing

/// The examples that the RFCs give, which others wrote and calculated.
@Suite struct PublishedExampleTests {
    @Test func rfc7515AppendixA3VerifiesWithES256() throws {
        let verifier = try TestIssuer.bearer(keys: Self.p256)
        // The signature is good, so what is refused is that it is for nobody.
        #expect(verifier.verify(Array(Self.es256.utf8), atUnixSeconds: 1_300_819_000).code == .malformedClaims)
        #expect(verifier.verify(Self.damaged(Self.es256), atUnixSeconds: 1_300_819_000).code == .badSignature)
    }

    @Test func rfc7515AppendixA2VerifiesWithRS256() throws {
        let verifier = try TestIssuer.bearer(keys: Self.rsa)
        #expect(verifier.verify(Array(Self.rs256.utf8), atUnixSeconds: 1_300_819_000).code == .malformedClaims)
        #expect(verifier.verify(Self.damaged(Self.rs256), atUnixSeconds: 1_300_819_000).code == .badSignature)
    }

    @Test func rfc8037AppendixA4VerifiesWithEdDSA() throws {
        let verifier = try TestIssuer.bearer(keys: Self.ed25519)
        #expect(verifier.verify(Array(Self.edDSA.utf8), atUnixSeconds: 0).code == .malformedClaims)
        #expect(verifier.verify(Self.damaged(Self.edDSA), atUnixSeconds: 0).code == .badSignature)
    }

    @Test func rfc7515AppendixA1WithASharedSecretIsNoAlgorithm() throws {
        let token =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
            + "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let verifier = try TestIssuer.bearer(keys: Self.p256)
        #expect(verifier.verify(Array(token.utf8), atUnixSeconds: 0).code == .algorithmNotAllowed)
    }

    @Test func rfc7515AppendixA5WithoutASignatureIsRefused() throws {
        let token =
            "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
            + "Ijp0cnVlfQ."
        let verifier = try TestIssuer.bearer(keys: Self.p256)
        #expect(verifier.verify(Array(token.utf8), atUnixSeconds: 0).code == .unsigned)
    }

    @Test func rfc7638Section31GivesTheThumbprint() throws {
        let keys = try JSONWebKeySet(parsing: Array(Self.thumbprintKey.utf8))
        let key = try #require(keys.keys.first)
        #expect(try JSONWebKey.thumbprint(of: key.publicKey) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
        #expect(key.keyID == "2011-04-29")
    }

    @Test func rfc8037AppendixA3GivesTheThumbprint() throws {
        let key = try #require(try JSONWebKeySet(parsing: Array(Self.ed25519.utf8)).keys.first)
        #expect(try JSONWebKey.thumbprint(of: key.publicKey) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
    }

    @Test func rfc8705AppendixAIsABinding() throws {
        let text = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"
        #expect(try #require(CertificateBinding(thumbprint: text)).thumbprint == text)
        // Section 3.1 shows one that no 32 bytes encode to: its last character has bits that are left over.
        #expect(CertificateBinding(thumbprint: "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2") == nil)
    }

    /// The same text with another first character of the signature.
    private static func damaged(_ token: String) -> [UInt8] {
        var bytes = Array(token.utf8)
        guard let point = bytes.lastIndex(of: UInt8(ascii: ".")) else { return bytes }
        bytes[point + 1] = bytes[point + 1] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        return bytes
    }

    private static let payload =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

    private static let es256 =
        "eyJhbGciOiJFUzI1NiJ9.\(payload)."
        + "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"

    private static let p256 = """
        {"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}
        """

    private static let rs256 =
        "eyJhbGciOiJSUzI1NiJ9.\(payload)."
        + "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU"
        + "Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d"
        + "O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig"
        + "cN_IoypGlUPQGe77Rw"

    private static let rsa = """
        {"keys":[{"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4q\
        PCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5\
        z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoud\
        F8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}]}
        """

    private static let edDSA =
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
        + "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"

    private static let ed25519 = """
        {"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}
        """

    private static let thumbprintKey = """
        {"keys":[{"kty":"RSA","e":"AQAB","alg":"RS256","kid":"2011-04-29","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2a\
        iAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93l\
        qt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdk\
        t-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"}]}
        """
}
