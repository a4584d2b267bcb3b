package import CountersignIssuance
import FoundationEssentials

/// What is kept beside a certificate, so that a restarted agent goes on as before.
package struct IdentityNote: Sendable, Hashable {
    /// When the certificate was received, in Unix milliseconds.
    package var obtainedAt: Int64
    /// When its key was made, in Unix milliseconds.
    package var keyMadeAt: Int64
    /// When the authority wants it renewed.
    package var rule: RenewalRule

    /// What is assumed of a certificate whose note is missing.
    package static let standardRule = RenewalRule.fraction(0.5)

    package init(obtainedAt: Int64, keyMadeAt: Int64, rule: RenewalRule = standardRule) {
        self.obtainedAt = obtainedAt
        self.keyMadeAt = keyMadeAt
        self.rule = rule
    }

    /// Reads a note; nil when it is none.
    package init?(json: [UInt8]) {
        guard let wire = try? JSONDecoder().decode(Wire.self, from: Data(json)) else { return nil }
        self.init(
            obtainedAt: wire.obtained_at_ms,
            keyMadeAt: wire.key_made_at_ms,
            rule: wire.renew.rule ?? Self.standardRule
        )
    }

    /// The note as a JSON text.
    package var json: [UInt8] {
        let wire = Wire(obtained_at_ms: obtainedAt, key_made_at_ms: keyMadeAt, renew: WireRenewalRule(rule))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return Array((try? encoder.encode(wire)) ?? Data())
    }

    private struct Wire: Codable {
        var obtained_at_ms: Int64
        var key_made_at_ms: Int64
        var renew: WireRenewalRule
    }
}
