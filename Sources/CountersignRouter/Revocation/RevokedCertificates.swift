import CountersignPKI
import Synchronization

/// All that is revoked according to the feed; handshakes and requests of every worker ask it.
///
/// While nothing changes, a request costs one comparison with `generation`. A lookup takes one of 64 locks, each of
/// which is only ever held for the time of one lookup, one insertion or one exchange, so no reader waits for a change
/// of the whole. An entry takes 28 bytes of a slot, which makes 37 to 75 bytes with the room that a hash table leaves.
package final class RevokedCertificates: Sendable {
    /// Whether what is known here is recent enough to rely upon.
    package let freshness = RevocationFreshness()
    private let shards: [Shard]
    private let total = Atomic<Int>(0)
    private let edition = Atomic<UInt64>(1)
    private let lastDrop = Atomic<Int64>(0)

    /// Makes an empty set.
    package init() {
        self.shards = (0..<Self.shardCount).map { _ in Shard() }
    }

    /// A number that changes with every change; a connection that was checked under the same one needs no check.
    var generation: UInt64 { edition.load(ordering: .acquiring) }

    /// How many certificates are revoked.
    package var count: Int { total.load(ordering: .relaxed) }

    /// What speaks against a verified peer: it or an authority above it is revoked, or that cannot be told.
    func rejection(of peer: VerifiedPeer) -> ChainRejection? {
        if freshness.isRefusing {
            return ChainRejection(.revocationUnknown, "nothing has been heard of revocations for too long")
        }
        guard count > 0 else { return nil }
        for key in peer.revocationKeys.byKeyIdentifier {
            guard let entry = shard(of: key).entries.withLock({ $0[key] }) else { continue }
            let date = CalendarTime(unixSeconds: Int64(entry.date)).rfc3339
            return ChainRejection(
                .revoked,
                "the certificate with the serial number \(peer.serialHex), or one above it, was revoked at \(date): "
                    + entry.reason.name
            )
        }
        return nil
    }

    /// Whether a certificate is revoked.
    func contains(_ key: RevocationKey) -> Bool {
        shard(of: key).entries.withLock { $0[key] != nil }
    }

    /// Takes a change over.
    ///
    /// - Parameter now: the current time in Unix seconds; entries of certificates that have ended are left out.
    /// - Returns: what is revoked now and was not before.
    func apply(_ change: RevocationChange, now: Int64) -> [RevocationKey] {
        defer { edition.add(1, ordering: .releasing) }
        switch change {
        case .replaceAll(let certificates): return replaceAll(certificates, now: now)
        case .revoke(let certificate):
            guard certificate.notAfter >= now else { return [] }
            let before = shard(of: certificate.key).entries.withLock { entries in
                entries.updateValue(Entry(certificate), forKey: certificate.key)
            }
            guard before == nil else { return [] }
            total.add(1, ordering: .relaxed)
            return [certificate.key]
        case .release(let key):
            if shard(of: key).entries.withLock({ $0.removeValue(forKey: key) }) != nil {
                total.subtract(1, ordering: .relaxed)
            }
            return []
        }
    }

    /// Drops what concerns certificates that have ended: they are refused without it.
    func dropEnded(now: Int64) {
        for shard in shards {
            let dropped = shard.entries.withLock { entries in
                let before = entries.count
                // Rebuilding costs memory traffic, and most shards have nothing to drop.
                guard entries.values.contains(where: { $0.ends(before: now) }) else { return 0 }
                entries = entries.filter { !$0.value.ends(before: now) }
                return before - entries.count
            }
            total.subtract(dropped, ordering: .relaxed)
        }
    }

    /// The same, at most every ten seconds, as it looks at every entry.
    func dropEndedNowAndThen(now: Int64) {
        let last = lastDrop.load(ordering: .relaxed)
        guard now - last >= 10, lastDrop.compareExchange(expected: last, desired: now, ordering: .relaxed).exchanged
        else { return }
        dropEnded(now: now)
    }

    /// Looks at the clock; when that changes whether peers are refused, every connection is checked anew.
    ///
    /// - Parameter now: monotonic nanoseconds.
    package func checkFreshness(now: UInt64) {
        freshness.update(now: now) { edition.add(1, ordering: .releasing) }
    }

    private func replaceAll(_ certificates: [RevokedCertificate], now: Int64) -> [RevocationKey] {
        var parts = Array(repeating: [RevocationKey: Entry](), count: Self.shardCount)
        for certificate in certificates where certificate.notAfter >= now {
            parts[certificate.key.shard(of: Self.shardCount)][certificate.key] = Entry(certificate)
        }
        var added: [RevocationKey] = []
        for (shard, part) in zip(shards, parts) {
            let before = shard.entries.withLock { entries in
                defer { entries = part }
                return entries
            }
            total.add(part.count - before.count, ordering: .relaxed)
            added += part.keys.filter { before[$0] == nil }
        }
        return added
    }

    private func shard(of key: RevocationKey) -> Shard {
        shards[key.shard(of: Self.shardCount)]
    }

    private static let shardCount = 64

    private final class Shard: Sendable {
        let entries = Mutex<[RevocationKey: Entry]>([:])
    }

    /// Times in seconds since 1970, cut off at the year 2106, which no revoked certificate's lookup depends on.
    private struct Entry: Sendable {
        let date: UInt32
        let notAfter: UInt32
        let reason: RevocationReason

        init(_ certificate: RevokedCertificate) {
            date = UInt32(clamping: certificate.date)
            notAfter = UInt32(clamping: certificate.notAfter)
            reason = certificate.reason
        }

        func ends(before now: Int64) -> Bool { notAfter != .max && Int64(notAfter) < now }
    }
}
