package import CountersignIssuance
import CountersignJSON

/// What is kept beside a certificate, so that a restarted agent goes on as before.
package struct IdentityNote: Sendable, Hashable {
    /// When the certificate was received, in Unix milliseconds.
    package var obtainedAt: Int64
    /// When its key was made, in Unix milliseconds.
    package var keyMadeAt: Int64
    /// When the authority wants it renewed.
    package var rule: RenewalRule
    /// Which rotation the certificate fulfils: when that was asked for, in Unix seconds; nil when none was.
    package var rotation: Int64?

    /// What is assumed of a certificate whose note is missing.
    package static let standardRule = RenewalRule.fraction(0.5)

    package init(
        obtainedAt: Int64,
        keyMadeAt: Int64,
        rule: RenewalRule = standardRule,
        rotation: Int64? = nil
    ) {
        self.obtainedAt = obtainedAt
        self.keyMadeAt = keyMadeAt
        self.rule = rule
        self.rotation = rotation
    }

    /// Reads a note; nil when it is none.
    package init?(json: [UInt8]) {
        guard let value = try? JSONValue(parsing: json), let object = try? JSONObject(value, known: nil),
            let obtainedAt = try? object.integer("obtained_at_ms"),
            let keyMadeAt = try? object.integer("key_made_at_ms")
        else { return nil }
        let rule = object["renew"].flatMap { RenewalRule(json: $0) }
        self.init(
            obtainedAt: obtainedAt,
            keyMadeAt: keyMadeAt,
            rule: rule ?? Self.standardRule,
            rotation: try? object.integer("rotation_requested_at")
        )
    }

    /// The note as a JSON text.
    package var json: [UInt8] {
        var members: [JSONValue.Member] = [
            .init("obtained_at_ms", .number(obtainedAt)),
            .init("key_made_at_ms", .number(keyMadeAt)),
            .init("renew", rule.json),
        ]
        if let rotation { members.append(.init("rotation_requested_at", .number(rotation))) }
        return Array(JSONValue.object(members).text.utf8) + [UInt8(ascii: "\n")]
    }
}
