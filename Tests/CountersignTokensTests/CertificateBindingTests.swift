import CountersignJSON
import CountersignPKI
import CountersignTesting
import CountersignTokens
import Testing

/// RFC 8705 section 3.
@Suite struct CertificateBindingTests {
    @Test func `each digest has one text, and each text of 43 characters at most one digest`() {
        var random = SeededGenerator(seed: 8705)
        for _ in 0..<500 {
            let digest = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            guard let binding = CertificateBinding(certificateSHA256: digest) else {
                Issue.record("32 bytes are a digest")
                return
            }
            #expect(binding.thumbprint.utf8.count == CertificateBinding.textLength)
            #expect(CertificateBinding(thumbprint: binding.thumbprint) == binding)
            #expect(binding.matches(certificateSHA256: digest))
            var other = digest
            other[Int.random(in: 0..<32, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            #expect(!binding.matches(certificateSHA256: other))
        }
    }

    @Test func `hexadecimal, padded and standard Base64 are refused`() {
        let digest = [UInt8](repeating: 0xFB, count: 32)
        let standard = String(decoding: Base64.encode(digest), as: UTF8.self)
        let safe = Base64.encodeURL(digest)
        for text in [
            Hexadecimal.text(of: digest), standard, String(standard.dropLast()), "\(safe)=", "\(safe)A", " \(safe)",
            String(safe.dropLast()), "", Hexadecimal.fingerprint(of: digest),
        ] { #expect(CertificateBinding(thumbprint: text) == nil, "\(text)") }
        #expect(CertificateBinding(thumbprint: safe)?.sha256 == digest)
    }

    @Test func `only 32 bytes are a digest, and a shorter one matches nothing`() throws {
        for count in [0, 20, 31, 33, 64] {
            #expect(CertificateBinding(certificateSHA256: [UInt8](repeating: 0, count: count)) == nil)
        }
        let zeros = try #require(CertificateBinding(certificateSHA256: [UInt8](repeating: 0, count: 32)))
        #expect(!zeros.matches(certificateSHA256: []) && !zeros.matches(certificateSHA256: [0]))
    }

    @Test func `a bound token goes with its certificate alone`() throws {
        let issuer = try TestIssuer()
        let token = try issuer.verifier().verify(try issuer.token(try issuer.claims), atUnixSeconds: issuer.now).get()
        #expect(token.binding(toCertificateSHA256: issuer.certificate) == .bound)
        #expect(token.binding(toCertificateSHA256: [UInt8](repeating: 1, count: 32)) == .mismatch)
        #expect(token.binding(toCertificateSHA256: nil) == .certificateMissing)
        let plain = try issuer.token(try issuer.claims.merging(["cnf": .null]) { $1 })
        let unbound = try issuer.verifier(.bearer).verify(plain, atUnixSeconds: issuer.now).get()
        #expect(unbound.binding(toCertificateSHA256: issuer.certificate) == .unbound)
        #expect(unbound.binding(toCertificateSHA256: nil) == .unbound)
    }
}
