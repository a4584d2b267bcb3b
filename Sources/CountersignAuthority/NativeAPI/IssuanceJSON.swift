import CountersignIssuance
import CountersignJSON
import CountersignPKI

extension Issuance {
    /// The answer to whoever may have the certificate.
    func json(trustBundlePEM: String) -> JSONValue {
        let rule: JSONValue.Member =
            switch renewal {
            case .fraction(let fraction): .init("at_fraction", .fraction(fraction))
            case .before(let seconds): .init("before_seconds", .number(seconds))
            }
        var members: [JSONValue.Member] = [
            .init("certificate", .string(certificate.certificatePEM)),
            .init("chain", .string(certificate.chainPEM)),
            .init("serial", .string(record.serial)),
            .init("not_before", .string(CalendarTime(unixSeconds: record.notBefore).rfc3339)),
            .init("not_after", .string(CalendarTime(unixSeconds: record.notAfter).rfc3339)),
            .init("rotation_requested_at", rotation.map(AdminJSON.time) ?? .null),
            .init("service", .optional(record.service)),
            .init("spiffe_id", .optional(record.spiffeID)),
            .init("renew", .object([rule])),
            .init("trust_bundle", .string(trustBundlePEM)),
        ]
        if let key { members.append(.init("private_key", .string(key.pemPKCS8))) }
        return .object(members)
    }
}

extension RevocationEvent {
    /// The event's members, as lists and streams have them.
    var members: [JSONValue.Member] {
        [
            .init("sequence", .number(sequence)),
            .init("serial", .string(serial)),
            .init("issuer_key_id", .string(issuerKeyID)),
            .init("date", .string(CalendarTime(unixSeconds: date).rfc3339)),
            .init("reason", .string(reason.name)),
            .init("not_after", .string(CalendarTime(unixSeconds: notAfter).rfc3339)),
        ]
    }
}

extension RevocationReason {
    /// The reason of that name in any case, as `keyCompromise` or `keycompromise`.
    package init?(named name: String) {
        let wanted = name.lowercased()
        guard let reason = Self.allCases.first(where: { $0.name.lowercased() == wanted }) else { return nil }
        self = reason
    }
}
