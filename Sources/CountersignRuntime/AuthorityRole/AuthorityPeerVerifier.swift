import CountersignAuthority
import CountersignIssuance
import CountersignPKI
import CountersignTLS
import Glibc

/// Judges the clients of an authority's listeners: by its roots, and by what it has revoked itself.
///
/// A revocation counts from the moment that it is durable: for new handshakes, resumed ones among them, and for the next
/// request of a connection that is open.
final class AuthorityPeerVerifier: TLSPeerVerifier {
    /// Who vouches for clients.
    let trust: TrustStore
    private let verifier: ChainVerifier
    private let revocations: RevocationBook
    private let cache = VerifiedChainCache(capacity: 1000)

    /// Judges by `trust` and by the revocations in force at each moment.
    init(trust: TrustStore, revocations: RevocationBook) {
        self.trust = trust
        self.verifier = ChainVerifier(trust: trust, purpose: .client)
        self.revocations = revocations
    }

    var edition: UInt64 { UInt64(clamping: revocations.sequence) }

    func verify(_ chain: UnverifiedPeerChain) -> Result<VerifiedPeer, ChainRejection> {
        cache.verify(chain, with: verifier, atUnixSeconds: Int64(time(nil))).flatMap { peer in
            rejection(of: peer).map(Result.failure) ?? .success(peer)
        }
    }

    private func rejection(of peer: VerifiedPeer) -> ChainRejection? {
        guard let event = revocations.entry(serial: peer.serialHex) else { return nil }
        let date = CalendarTime(unixSeconds: event.date).rfc3339
        return ChainRejection(
            .revoked,
            "the certificate with the serial number \(peer.serialHex) was revoked at \(date): \(event.reason.name)"
        )
    }
}
