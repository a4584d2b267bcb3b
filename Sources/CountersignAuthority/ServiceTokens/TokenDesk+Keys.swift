import CountersignIssuance
package import CountersignTokens
import CountersignTransport

extension TokenDesk {
    /// Has the next key take over as soon as every verifier can know it; gives the keys as they are then.
    package func rotate(by caller: Caller, completion: @escaping AuthorityEngine.Completion<[TokenKeyEntry]>) {
        operate("token-key.rotate", target: "token-keys", by: caller, completion) { keys in keys.rotate() }
    }

    /// Removes a key at once, with every token that it signed; gives the keys as they are then.
    package func drop(
        _ keyID: String,
        by caller: Caller,
        completion: @escaping AuthorityEngine.Completion<[TokenKeyEntry]>
    ) {
        let now = engine.clock.now()
        operate("token-key.drop", target: keyID, by: caller, completion) { keys throws(AuthorityError) in
            guard keys.drop(keyID: keyID, at: now) else {
                throw AuthorityError(.unknownToken, "there is no signing key of that name")
            }
        }
    }

    private func operate(
        _ action: String,
        target: String,
        by caller: Caller,
        _ completion: @escaping AuthorityEngine.Completion<[TokenKeyEntry]>,
        _ body: @escaping @Sendable (inout TokenSigningKeys) throws(AuthorityError) -> Void
    ) {
        let isQueued = changing.run { [self] in
            do throws(AuthorityError) {
                try change(body)
                engine.audit(action, target: target, by: caller, outcome: .done)
                completion(.success(keys))
            } catch {
                engine.audit(
                    action,
                    target: target,
                    by: caller,
                    outcome: error.code.isRefusal ? .refused : .failed,
                    detail: error.message
                )
                completion(.failure(error))
            }
        }
        if !isQueued {
            completion(.failure(AuthorityError(.unavailable, "too many changes wait already; try again in a second")))
        }
    }
}
