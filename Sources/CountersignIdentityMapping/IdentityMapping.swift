import CountersignIdentity

/// Ordered rules from certificates to ARNs; the first rule that fits decides.
///
/// A certificate that a rule can read in several ways has no ARN at all, whatever later rules say: falling through
/// would give its holder the choice between them.
package struct IdentityMapping: Sendable, Hashable {
    /// The rules in their order.
    package let rules: [IdentityRule]

    /// The most rules.
    package static let maximumRules = 1000

    /// Takes the rules in their order.
    package init(rules: [IdentityRule]) {
        self.rules = rules
    }

    /// Finds the ARN of a certificate's holder.
    package func outcome(for certificate: MappedCertificate) -> MappingOutcome {
        if let ambiguity = certificate.identity.ambiguity { return .ambiguous(rule: nil, ambiguity.explanation) }
        for rule in rules {
            switch rule.verdict(on: certificate) {
            case .matched(let arn, _): return .mapped(arn, rule: rule.name)
            case .ambiguous(let reason): return .ambiguous(rule: rule.name, reason)
            case .unmatched: continue
            }
        }
        return .unmapped
    }

    /// What every rule says of a certificate, also those that are not asked any more because one before them decided.
    package func explanation(for certificate: MappedCertificate) -> [(rule: IdentityRule, verdict: RuleVerdict)] {
        rules.map { ($0, $0.verdict(on: certificate)) }
    }
}

/// What a mapping says of a certificate.
package enum MappingOutcome: Sendable, Hashable {
    /// The holder has this ARN by that rule.
    case mapped(CanonicalARN, rule: String)
    /// No rule fits.
    case unmapped
    /// The certificate, or what that rule reads in it, can be understood in several ways.
    case ambiguous(rule: String?, String)
}

/// What one rule says of a certificate.
package enum RuleVerdict: Sendable, Hashable {
    /// It fits.
    case matched(CanonicalARN, [Capture])
    /// It does not, and why.
    case unmatched(String)
    /// It fits in several ways, or a part of the certificate says more than the rule; no later rule is asked.
    case ambiguous(String)
}
