import CountersignConfiguration
import CountersignPKI
import CountersignRouter
import CountersignTokens

extension RouterSettings {
    /// What judges the tokens of a domain's callers.
    ///
    /// - Throws: ``MaterialFault`` for a key set that cannot be read, or has no usable key: it would refuse everybody.
    static func tokenBinding(
        _ section: TokenBindingSection,
        _ pems: PEMMaterial,
        following followed: FollowedKeySet?
    ) throws(MaterialFault) -> TokenBindingRule {
        // Until the first keys have been fetched there are none, and no token is good.
        let isToCome = followed != nil && pems[section.keys] == nil
        let keys = isToCome ? .empty : try keySet(section, pems)
        var requirements = TokenRequirements(
            section.kind == .service ? .service : .bearer,
            issuer: section.issuer,
            audiences: section.audiences
        )
        requirements.skewSeconds = section.skew.components.seconds
        return TokenBindingRule(
            verifier: TokenVerifier(keys: keys, requirements: requirements),
            unknownKeys: followed?.unknown
        )
    }

    private static func keySet(
        _ section: TokenBindingSection,
        _ pems: PEMMaterial
    ) throws(MaterialFault) -> JSONWebKeySet {
        try parse(section.keys, pems) { text throws(PKIError) in
            let keys = try JSONWebKeySet(parsing: Array(text.utf8))
            guard keys.keys.isEmpty else { return keys }
            let reason = keys.ignored.first.map { "; \($0)" } ?? ""
            throw PKIError(.nothingFound, "the key set has no key for verifying tokens\(reason)")
        }
    }
}
