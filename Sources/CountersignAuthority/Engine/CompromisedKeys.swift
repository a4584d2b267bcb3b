import CountersignIssuance
import CountersignPKI
import Crypto
import Synchronization

/// The public keys that are known to be in other hands: nobody is certified with one of them again.
///
/// It holds what the store has made durable, and nothing else.
final class CompromisedKeys: Sendable {
    /// The SHA-256 of a key's SubjectPublicKeyInfo.
    typealias Digest = [UInt8]

    private let digests: Mutex<Set<Digest>>

    /// Knows the keys that the store does.
    init(_ store: any InventoryStore) throws(StoreError) {
        digests = Mutex(Set(try store.compromisedKeys()))
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
        Array(SHA256.hash(data: key.derEncoded))
    }
}
