import CountersignIdentity
import CountersignIdentityMapping

/// Certificates and rules as these tests need them.
enum Certificates {
    static func make(
        subject: [[(NameAttributeType, String)]] = [],
        issuer: [(NameAttributeType, String)] = [],
        uris: [String] = [],
        dns: [String] = [],
        thumbprint: CertificateThumbprint? = nil
    ) -> MappedCertificate {
        MappedCertificate(
            identity: CallerIdentity(subject: name(subject), uriNames: uris, trustDomains: .unrestricted),
            issuer: issuer.isEmpty ? nil : name(issuer.map { [$0] }),
            dnsNames: dns,
            thumbprint: thumbprint
        )
    }

    static func name(_ levels: [[(NameAttributeType, String)]]) -> DistinguishedName {
        DistinguishedName(
            encodingOrder: levels.map { level in
                RelativeDistinguishedName(level.map { NameAttribute($0.0, $0.1) })
            }
        )
    }

    static func rule(
        _ name: String = "rule",
        _ conditions: [IdentityRule.Condition],
        _ arn: String
    ) throws -> IdentityRule {
        try IdentityRule(name: name, conditions: conditions, template: try ARNTemplate(parsing: arn))
    }

    static func attribute(_ type: NameAttributeType, _ patterns: String...) throws -> AttributeCondition {
        AttributeCondition(
            type: type,
            patterns: try patterns.map { try IdentityPattern(parsing: $0, for: .attribute) }
        )
    }
}
