import CountersignAuthentication
import CountersignTokens

/// Judges tokens, and tells whoever keeps the keys of those that name one which is not there.
struct FollowedTokens: TokenChecking {
    let verifier: TokenVerifier
    let unknown: UnknownTokenKeys

    func check(_ token: String, atUnixSeconds now: Int64) -> Result<CheckedToken, TokenFault> {
        let result = verifier.check(token, atUnixSeconds: now)
        if case .failure(let fault) = result, fault.label == TokenRejection.Code.unknownKey.rawValue { unknown.note() }
        return result
    }
}
