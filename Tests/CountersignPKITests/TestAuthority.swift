import SwiftASN1
import X509

@testable import CountersignPKI

/// A certificate authority of a test, and what it mints.
struct TestAuthority {
    let der: [UInt8]
    let key: PrivateKey
    let name: [UInt8]

    /// A self-signed root.
    init(root draft: CertificateDraft = .authority("root"), key: PrivateKey? = nil) throws {
        let key = try key ?? PrivateKey.generate(.p256)
        self.key = key
        self.name = try TestEncoding.name(draft.subject)
        self.der = try draft.encoded(
            key: key,
            issuerName: self.name,
            issuerKey: key,
            issuerKeyIdentifier: key.publicKey.keyIdentifier
        )
    }

    private init(der: [UInt8], key: PrivateKey, name: [UInt8]) {
        self.der = der
        self.key = key
        self.name = name
    }

    /// An authority below this one.
    func intermediate(
        _ draft: CertificateDraft = .authority("intermediate"),
        key: PrivateKey? = nil
    ) throws -> TestAuthority {
        let key = try key ?? PrivateKey.generate(.p256)
        return TestAuthority(
            der: try self.mint(draft, key: key),
            key: key,
            name: try TestEncoding.name(draft.subject)
        )
    }

    /// Signs a draft.
    func mint(_ draft: CertificateDraft = CertificateDraft(), key: PrivateKey? = nil) throws -> [UInt8] {
        try draft.encoded(
            key: try key ?? PrivateKey.generate(.p256),
            issuerName: self.name,
            issuerKey: self.key,
            issuerKeyIdentifier: self.key.publicKey.keyIdentifier
        )
    }

    /// A store that trusts this authority alone.
    var trust: TrustStore {
        get throws { try TrustStore(derCertificates: [self.der]) }
    }

    /// Judges a chain by this authority as a TLS client's.
    func verify(
        _ chain: [[UInt8]],
        purpose: VerificationPurpose = .client,
        maxDepth: Int = 8,
        revocation: RevocationChecking = .none,
        profile: VerificationProfile = .compatible,
        at now: Int64 = TestClock.now
    ) throws -> Result<VerifiedPeer, ChainRejection> {
        ChainVerifier(
            trust: try self.trust,
            purpose: purpose,
            maxDepth: maxDepth,
            revocation: revocation,
            profile: profile
        ).verify(UnverifiedPeerChain(derCertificates: chain), atUnixSeconds: now)
    }
}

extension Result where Failure == ChainRejection {
    /// The reason of a rejection; nil when it was accepted.
    var code: ChainRejection.Code? {
        guard case .failure(let rejection) = self else { return nil }
        return rejection.code
    }
}
