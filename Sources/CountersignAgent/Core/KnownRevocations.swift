import CountersignPKI

/// The latest revocations, for certificates that come or are taken up after they were told.
///
/// A certificate can be revoked while its answer is still under way. Only so many are kept that a host does not hold the
/// authority's whole list.
struct KnownRevocations {
    private var recent: [String: RevokedSerial] = [:]
    private var older: [String: RevokedSerial] = [:]
    private let limit: Int
    /// Whether the authority has told all that is in force; before that, what is not known may be revoked all the same.
    private(set) var isComplete = false

    /// - Parameter limit: how many are kept at least, once there are so many; at most twice as many are.
    init(limit: Int = 16_384) {
        self.limit = limit
    }

    /// Forgets everything: what follows is all there is.
    mutating func clear() {
        recent = [:]
        older = [:]
        isComplete = true
    }

    /// Remembers one.
    mutating func take(_ entry: RevokedSerial) {
        recent[entry.serial] = entry
        guard recent.count >= limit else { return }
        older = recent
        recent = [:]
    }

    /// Why a certificate is revoked or on hold; nil when nothing is known against it.
    func reason(of held: HeldIdentity) -> RevocationReason? {
        let serial = held.serial
        guard let entry = recent[serial] ?? older[serial], entry.concerns(held.leaf) else { return nil }
        return entry.reason == .removeFromCRL ? nil : entry.reason
    }
}
