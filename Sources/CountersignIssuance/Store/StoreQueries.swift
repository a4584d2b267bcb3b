/// Which certificates to list.
package struct CertificateQuery: Sendable, Hashable {
    /// Only those of this service.
    package var service: String?
    /// Only those in this state at ``now``.
    package var state: CertificateRecord.State?
    /// Only those that end before this time, in Unix seconds.
    package var endsBefore: Int64?
    /// Only those with this SPIFFE ID.
    package var spiffeID: String?
    /// Only those with this public key, a SubjectPublicKeyInfo in DER.
    package var publicKey: [UInt8]?
    /// The moment at which states are judged, in Unix seconds.
    package var now: Int64
    /// Where the page begins: ``Page/next`` of the page before.
    package var cursor: Int64?
    /// The size of a page, 1 to 1000.
    package var limit: Int

    package init(now: Int64, limit: Int = 100) {
        self.now = now
        self.limit = limit
    }
}

/// Which lines of the audit trail to list.
package struct AuditQuery: Sendable, Hashable {
    /// Only those of this actor.
    package var actor: String?
    /// Only those of this action.
    package var action: String?
    /// Only those on this target.
    package var target: String?
    /// Only those that ended so.
    package var outcome: AuditRecord.Outcome?
    /// Where the page begins: ``Page/next`` of the page before.
    package var cursor: Int64?
    /// The size of a page, 1 to 1000.
    package var limit: Int

    package init(limit: Int = 100) {
        self.limit = limit
    }
}

/// A part of a list.
package struct Page<Element: Sendable>: Sendable {
    /// The elements.
    package var elements: [Element]
    /// The cursor of the next page; nil at the end.
    package var next: Int64?

    package init(elements: [Element], next: Int64?) {
        self.elements = elements
        self.next = next
    }
}

/// Counts over the whole inventory.
package struct InventoryTotals: Sendable, Hashable {
    /// How many certificates were recorded.
    package var issued: Int64
    /// How often a certificate that was good was revoked or held.
    package var revoked: Int64

    package init(issued: Int64, revoked: Int64) {
        self.issued = issued
        self.revoked = revoked
    }
}

/// What an issuer has issued that is not over yet.
package struct IssuerTotals: Sendable, Hashable {
    /// The issuer's key identifier, in lower-case hexadecimal without colons.
    package var keyID: String
    /// How many certificates.
    package var count: Int64
    /// When the last of them ends, in Unix seconds.
    package var notAfter: Int64

    package init(keyID: String, count: Int64, notAfter: Int64) {
        self.keyID = keyID
        self.count = count
        self.notAfter = notAfter
    }
}
