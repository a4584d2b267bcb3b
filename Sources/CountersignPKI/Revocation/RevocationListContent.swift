/// What a new revocation list says (RFC 5280 section 5).
package struct RevocationListContent: Sendable {
    /// The number of the list; each list of an issuer has a higher one than those before, base or delta.
    package var number: Int64
    /// For a delta list, the number of the base list that it continues; nil for a base list.
    package var baseNumber: Int64?
    /// When the list is made, in Unix seconds.
    package var thisUpdate: Int64
    /// By when the next one is made, in Unix seconds.
    package var nextUpdate: Int64
    /// The revoked certificates; in a delta list, the changes since the base list.
    package var entries: [Entry]
    /// Where this very list is to be had; with any, it covers only certificates that name one of them.
    package var distributionPoints: [String] = []
    /// In a base list, where delta lists are to be had.
    package var freshestURIs: [String] = []

    /// One revoked certificate, or with `removeFromCRL` one that is no longer held.
    package struct Entry: Sendable, Hashable {
        /// The serial number as an INTEGER's content: big-endian, positive, in the fewest bytes.
        package let serialNumber: [UInt8]
        /// Since when, in Unix seconds.
        package let date: Int64
        /// Why.
        package let reason: RevocationReason

        /// An entry for the serial number's bytes; leading zeros do not matter.
        package init(serialNumber: [UInt8], date: Int64, reason: RevocationReason) {
            let magnitude = serialNumber.drop { $0 == 0 }
            let needsSign = magnitude.first.map { $0 >= 0x80 } ?? true
            self.serialNumber = needsSign ? [0] + magnitude : Array(magnitude)
            self.date = date
            self.reason = reason
        }

        /// An entry for a serial number in hexadecimal; nil when it is none.
        package init?(serialHex: String, date: Int64, reason: RevocationReason) {
            guard let bytes = Hexadecimal.bytes(of: serialHex), !bytes.isEmpty else { return nil }
            self.init(serialNumber: bytes, date: date, reason: reason)
        }
    }

    /// A base list.
    package init(number: Int64, thisUpdate: Int64, nextUpdate: Int64, entries: [Entry]) {
        self.number = number
        self.thisUpdate = thisUpdate
        self.nextUpdate = nextUpdate
        self.entries = entries
    }
}

extension RevocationListContent {
    /// Refuses what no reader would accept.
    ///
    /// - Throws: ``PKIError`` with `invalidProfile`.
    func check() throws(PKIError) {
        guard self.number > 0, self.nextUpdate > self.thisUpdate else {
            throw PKIError(.invalidProfile, "a revocation list needs a number from 1 and a next update after this one")
        }
        if let base = self.baseNumber {
            guard base > 0, base < self.number, self.freshestURIs.isEmpty else {
                throw PKIError(
                    .invalidProfile,
                    "a delta list needs the number of a base list before it, and cannot point to delta lists"
                )
            }
        } else if self.entries.contains(where: { $0.reason == .removeFromCRL }) {
            throw PKIError(.invalidProfile, "removeFromCRL in a base list; only a delta list can take something back")
        }
        for uri in self.distributionPoints + self.freshestURIs { try CertificateProfile.check(uri: uri) }
    }
}
