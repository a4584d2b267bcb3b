import CountersignIdentity

/// One rule: conditions that a certificate has to meet, all of them, and the ARN that its holder then has.
package struct IdentityRule: Sendable, Hashable {
    /// One condition.
    package enum Condition: Sendable, Hashable {
        /// The SPIFFE ID, which is the certificate's only URI.
        case spiffeID(IdentityPattern)
        /// Exactly one DNS name fits.
        case dnsName(IdentityPattern)
        /// The subject's attributes.
        case subject([AttributeCondition])
        /// The issuer's attributes.
        case issuer([AttributeCondition])
        /// The certificate is one of these.
        case thumbprint([CertificateThumbprint])

        /// The condition's key in the file.
        package var key: String {
            switch self {
            case .spiffeID: "spiffe_id"
            case .dnsName: "dns"
            case .subject: "subject"
            case .issuer: "issuer"
            case .thumbprint: "thumbprint"
            }
        }
    }

    /// The rule's name, for logs and people.
    package let name: String
    /// The conditions, at least one.
    package let conditions: [Condition]
    /// What the ARN is made of.
    package let template: ARNTemplate

    /// Takes the parts.
    ///
    /// - Throws: ``MappingError`` when there is no condition, when a name is captured twice, or when template and
    ///   conditions do not have the same captures.
    package init(name: String, conditions: [Condition], template: ARNTemplate) throws(MappingError) {
        self.name = name
        self.conditions = conditions
        self.template = template
        guard !conditions.isEmpty else {
            throw MappingError("a rule without conditions would fit every certificate; give it at least one")
        }
        let captured = conditions.flatMap(\.captures)
        for (position, capture) in captured.enumerated() where captured[..<position].contains(capture) {
            throw MappingError("{\(capture)} is captured twice; which one is meant?")
        }
        for capture in template.captures where !captured.contains(capture) {
            throw MappingError("the ARN has {\(capture)}, which no condition captures")
        }
        for capture in captured where !template.captures.contains(capture) {
            throw MappingError("{\(capture)} is captured and not in the ARN; write {_} for what does not count")
        }
    }

    /// Judges a certificate by this rule alone.
    package func verdict(on certificate: MappedCertificate) -> RuleVerdict {
        var captures: [Capture] = []
        var doubt: String?
        for condition in conditions {
            switch condition.verdict(on: certificate) {
            case .met(let captured): captures += captured
            case .unmet(let reason): return .unmatched("\(condition.key): \(reason)")
            case .ambiguous(let reason): doubt = doubt ?? "\(condition.key): \(reason)"
            }
        }
        if let doubt { return .ambiguous(doubt) }
        do {
            return .matched(try template.arn(captures), captures)
        } catch {
            return .ambiguous("arn: \(error.message)")
        }
    }
}

extension IdentityRule.Condition {
    /// The names that the condition captures.
    var captures: [String] {
        switch self {
        case .spiffeID(let pattern), .dnsName(let pattern): pattern.captures
        case .subject(let attributes), .issuer(let attributes):
            attributes.flatMap { $0.patterns.flatMap(\.captures) }
        case .thumbprint: []
        }
    }

    func verdict(on certificate: MappedCertificate) -> ConditionVerdict {
        switch self {
        case .spiffeID(let pattern):
            guard let id = certificate.identity.spiffeID else { return .unmet("the certificate has no SPIFFE ID") }
            switch pattern.match(id.description) {
            case .match(let captures): return .met(captures)
            case .mismatch(let reason): return .unmet(reason.description)
            }
        case .dnsName(let pattern):
            return Self.verdict(on: certificate.dnsNames, pattern)
        case .subject(let attributes):
            return Self.verdict(on: certificate.identity.subject, attributes)
        case .issuer(let attributes):
            guard let issuer = certificate.issuer else { return .unmet("the issuer was not told") }
            return Self.verdict(on: issuer, attributes)
        case .thumbprint(let thumbprints):
            guard let thumbprint = certificate.thumbprint else { return .unmet("the thumbprint was not told") }
            return thumbprints.contains(thumbprint) ? .met([]) : .unmet("it is another certificate")
        }
    }

    private static func verdict(on names: [String], _ pattern: IdentityPattern) -> ConditionVerdict {
        var found: [[Capture]] = []
        var mismatch: PatternMismatch?
        for name in names {
            switch pattern.match(name) {
            case .match(let captures): if !found.contains(captures) { found.append(captures) }
            case .mismatch(let reason): mismatch = mismatch ?? reason
            }
        }
        guard let first = found.first else {
            guard let mismatch else { return .unmet("the certificate has no DNS name") }
            return .unmet(names.count == 1 ? mismatch.description : "none of the \(names.count) names fits")
        }
        return found.count == 1 ? .met(first) : .ambiguous("\(found.count) names fit, each with other values")
    }

    private static func verdict(
        on name: DistinguishedName,
        _ attributes: [AttributeCondition]
    ) -> ConditionVerdict {
        var captures: [Capture] = []
        var doubt: ConditionVerdict?
        for attribute in attributes {
            switch attribute.verdict(on: name) {
            case .met(let captured): captures += captured
            case .unmet(let reason): return .unmet(reason)
            case .ambiguous(let reason): doubt = doubt ?? .ambiguous(reason)
            }
        }
        return doubt ?? .met(captures)
    }
}
