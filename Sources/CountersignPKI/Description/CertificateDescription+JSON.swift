import CountersignIdentity
package import CountersignJSON

extension CertificateDescription {
    /// The description as a JSON object; a member is null or empty where the certificate says nothing.
    package var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("kind", .string(self.kind.rawValue)),
            .init("subject", .string(self.subject)),
        ]
        if let issuance = self.issuance { members += self.members(issuance) }
        members += [
            .init("key", .string(self.key)),
            .init("key_is_strong", .bool(self.keyIsStrong)),
            .init("signature_algorithm", .string(self.signatureAlgorithm)),
        ]
        if let proves = self.provesPossession { members.append(.init("proves_possession", .bool(proves))) }
        members += [
            .init("is_ca", .bool(self.isAuthority)),
            .init("path_length", self.pathLength.map { .number(Int64($0)) } ?? .null),
            .init("alternative_names", .strings(self.alternativeNames)),
            .init("key_usage", .strings(self.keyUsage)),
            .init("extended_key_usage", .strings(self.extendedKeyUsage)),
            .init("name_constraints", self.constraints),
            .init("subject_key_identifier", .optional(self.subjectKeyIdentifier)),
            .init("authority_key_identifier", .optional(self.authorityKeyIdentifier)),
            .init("crl_distribution_points", .strings(self.revocationLists)),
            .init("ocsp", .strings(self.ocspResponders)),
            .init("ca_issuers", .strings(self.issuerLocations)),
            .init("unhandled_critical_extensions", .strings(self.unhandledCritical)),
            .init("identity", self.identity),
        ]
        return .object(members)
    }

    private func members(_ issuance: Issuance) -> [JSONValue.Member] {
        [
            .init("issuer", .optional(self.issuer)),
            .init("version", .number(Int64(issuance.version))),
            .init("serial", .string(issuance.serialDecimal)),
            .init("serial_hex", .string(issuance.serialHex)),
            .init("not_before", .string(CalendarTime(unixSeconds: issuance.notBefore).rfc3339)),
            .init("not_after", .string(CalendarTime(unixSeconds: issuance.notAfter).rfc3339)),
            .init("self_issued", .bool(issuance.isSelfIssued)),
            .init("sha256", .string(issuance.sha256)),
            .init("sha1", .string(issuance.sha1)),
        ]
    }

    private var constraints: JSONValue {
        guard !self.permitted.isEmpty || !self.excluded.isEmpty else { return .null }
        return .object([
            .init("permitted", .strings(self.permitted)),
            .init("excluded", .strings(self.excluded)),
        ])
    }

    private var identity: JSONValue {
        .object([
            .init("spiffe_id", .optional(self.spiffeID)),
            .init("app", .optional(self.cloudFoundry?.app.description)),
            .init("space", .optional(self.cloudFoundry?.space?.description)),
            .init("organization", .optional(self.cloudFoundry?.organization?.description)),
            .init("ambiguity", .optional(self.ambiguity?.rawValue)),
        ])
    }
}
