import CountersignIssuance
import CountersignPKI

/// Asks for one certificate: makes the key where none is kept, and puts key and answer together.
///
/// The key never leaves this host; the authority sees a request that it signs.
struct IdentityRequest: Sendable {
    /// The key that is kept over the renewal, and when it was made; nil makes a new one.
    var keptKey: (key: PrivateKey, madeAt: Int64)?
    /// The kind of a new key.
    var keyKind: PrivateKey.Kind
    /// The time in Unix milliseconds.
    var clock: @Sendable () -> Int64

    /// Blocks until there is an answer.
    ///
    /// - Parameter ask: sends the request, in PEM.
    func obtain(
        _ ask: (String) throws(AuthorityError) -> AuthorityAnswer
    ) -> Result<HeldIdentity, AuthorityError> {
        do throws(AuthorityError) {
            let (key, madeAt) = try makeKey()
            let answer = try ask(try Self.request(for: key))
            let note = IdentityNote(
                obtainedAt: clock(),
                keyMadeAt: madeAt,
                rule: answer.rule ?? IdentityNote.standardRule
            )
            return .success(try Self.combine(key, answer, note))
        } catch {
            return .failure(error)
        }
    }

    private func makeKey() throws(AuthorityError) -> (PrivateKey, Int64) {
        if let keptKey { return keptKey }
        do {
            return (try PrivateKey.generate(keyKind), clock())
        } catch {
            throw AuthorityError(.local, "no key can be made: \(error)")
        }
    }

    private static func request(for key: PrivateKey) throws(AuthorityError) -> String {
        do {
            return try SigningRequest.withoutNames(for: key).pem
        } catch {
            throw AuthorityError(.local, error.description)
        }
    }

    private static func combine(
        _ key: PrivateKey,
        _ answer: AuthorityAnswer,
        _ note: IdentityNote
    ) throws(AuthorityError) -> HeldIdentity {
        do {
            return try HeldIdentity(key: key, certificates: answer.certificates, note: note)
        } catch {
            throw AuthorityError(.malformed, "the certificate that the authority sent is of no use: \(error)")
        }
    }
}
