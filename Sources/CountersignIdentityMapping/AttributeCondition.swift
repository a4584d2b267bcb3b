package import CountersignIdentity

/// What a rule asks of the attributes of one type in a distinguished name.
///
/// There have to be as many attributes as patterns, and each pattern has to fit exactly one of them: a name that has
/// more attributes of the type than the rule speaks of says more than the rule's writer had in mind.
package struct AttributeCondition: Sendable, Hashable {
    /// The attributes' type.
    package let type: NameAttributeType
    /// The patterns, at least one, in any order.
    package let patterns: [IdentityPattern]

    /// Takes the parts.
    package init(type: NameAttributeType, patterns: [IdentityPattern]) {
        self.type = type
        self.patterns = patterns
    }

    /// Compares a name's attributes with the patterns.
    func verdict(on name: DistinguishedName) -> ConditionVerdict {
        let attributes = name.attributes.filter { $0.type == type }
        let values = attributes.compactMap(\.text)
        guard !values.isEmpty else { return .unmet("it has no \(type)") }
        let isWhole = attributes.count == values.count && values.count == patterns.count
        var captures: [Capture] = []
        var taken: Set<Int> = []
        var doubt: String?
        for pattern in patterns {
            var fits: [Int] = []
            var mismatch: PatternMismatch?
            for (index, value) in values.enumerated() {
                switch pattern.match(value) {
                case .match(let captured):
                    fits.append(index)
                    if fits.count == 1 { captures += captured }
                case .mismatch(let reason): mismatch = mismatch ?? reason
                }
            }
            guard let fit = fits.first else {
                let reason = values.count == 1 ? mismatch?.description ?? "" : "none of the \(values.count) fits"
                return .unmet("\(type) \(pattern.text): \(reason)")
            }
            if fits.count > 1 || !taken.insert(fit).inserted {
                doubt = doubt ?? "\(type) \(pattern.text): it can be read in several ways"
            }
        }
        if let doubt { return .ambiguous(doubt) }
        guard isWhole else {
            return .ambiguous("it has \(attributes.count) \(type), and the rule speaks of \(patterns.count)")
        }
        return .met(captures)
    }
}

/// What became of one condition of a rule.
enum ConditionVerdict: Sendable, Hashable {
    /// It is met.
    case met([Capture])
    /// It is not.
    case unmet(String)
    /// The certificate meets it in more than one way, or says more than the condition.
    case ambiguous(String)
}
