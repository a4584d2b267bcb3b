import CountersignPKI
import Testing

@Suite struct TraditionalKeyTests {
    private static func keys() throws -> [(PrivateKey, String)] {
        [
            (try PrivateKey.generate(.p256), "EC PRIVATE KEY"), (try PrivateKey.generate(.p384), "EC PRIVATE KEY"),
            (try PrivateKey.generateP521(), "EC PRIVATE KEY"), (try PrivateKey.generate(.rsa2048), "RSA PRIVATE KEY"),
            (try PrivateKey.generateEd25519(), "PRIVATE KEY"),
        ]
    }

    @Test func `a key is written in the form of its algorithm and read again`() throws {
        for (key, label) in try Self.keys() {
            let pem = key.pemTraditional
            #expect(pem.hasPrefix("-----BEGIN \(label)-----\n"))
            #expect(try PrivateKey(pem: pem).publicKey.derEncoded == key.publicKey.derEncoded)
        }
    }

    @Test func `what was read signs for the same public key`() throws {
        for (key, _) in try Self.keys() {
            let request = try SigningRequestBuilder().request(for: try PrivateKey(pem: key.pemTraditional))
            #expect(request.isSelfConsistent && request.publicKey.derEncoded == key.publicKey.derEncoded)
        }
    }
}
