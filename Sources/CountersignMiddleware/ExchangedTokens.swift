import CountersignAuthentication
import CountersignTokens

/// Judges tokens by the keys as they are at that moment, and takes note of those that name one which is not there.
struct ExchangedTokens: TokenChecking {
    let keys: TokenKeys
    let requirements: TokenRequirements

    func check(_ token: String, atUnixSeconds now: Int64) -> Result<CheckedToken, TokenFault> {
        let result = TokenVerifier(keys: keys.current, requirements: requirements).check(token, atUnixSeconds: now)
        if case .failure(let fault) = result, fault.label == TokenRejection.Code.unknownKey.rawValue {
            keys.unknown.note()
        }
        return result
    }
}
