import CountersignIssuance
import CountersignPKI
import Crypto
import Synchronization

/// The public keys that are known to be in other hands: nobody is certified with one of them again.
///
/// It holds what the store has made durable, and nothing else.
final class CompromisedKeys: Sendable {
    /// The SHA-256 of a key's SubjectPublicKeyInfo.
    typealias Digest = SHA256Digest

    private let digests: Mutex<Set<Digest>>

    init(_ digests: Set<Digest> = []) {
        self.digests = Mutex(digests)
    }

    /// Reads the keys of all certificates of the inventory, expired ones too, that were revoked for such a reason.
    convenience init(_ store: any InventoryStore) throws(StoreError) {
        var digests: Set<Digest> = []
        for event in try store.revocations(endingFrom: .min) where event.reason.meansCompromise {
            guard let record = try store.certificate(serial: event.serial) else { continue }
            if let digest = Self.digest(of: record) { digests.insert(digest) }
        }
        self.init(digests)
    }

    /// Whether the key was reported compromised.
    func contains(_ key: SubjectPublicKey) -> Bool {
        digests.withLock { digests in
            digests.isEmpty ? false : digests.contains(Self.digest(of: key))
        }
    }

    /// Enters keys whose revocation has become durable.
    func enter(_ keys: Set<Digest>) {
        digests.withLock { $0.formUnion(keys) }
    }

    /// The digest of a key.
    static func digest(of key: SubjectPublicKey) -> Digest {
        SHA256.hash(data: key.derEncoded)
    }

    /// The digest of the key of a certificate; nil when the inventory's copy cannot be read, which no issued one is.
    static func digest(of record: CertificateRecord) -> Digest? {
        (try? ParsedCertificate(der: record.der)).map { digest(of: $0.publicKey) }
    }
}

extension RevocationReason {
    /// Whether it says that a private key is in other hands.
    var meansCompromise: Bool {
        switch self {
        case .keyCompromise, .caCompromise, .aaCompromise: true
        default: false
        }
    }
}
