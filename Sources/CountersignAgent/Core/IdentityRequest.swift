package import CountersignFiles
import CountersignIssuance
import CountersignPKI

/// Asks for one certificate: makes the key where none is kept, and puts key and answer together.
///
/// The key never leaves this host; the authority sees a request that it signs.
struct IdentityRequest: Sendable {
    /// The key that the certificate is to be for.
    var key: KeyChoice
    /// The kind of a new key.
    var keyKind: PrivateKey.Kind
    /// The time in Unix milliseconds.
    var clock: @Sendable () -> Int64

    /// A key for a certificate.
    enum KeyChoice: Sendable {
        /// A new one.
        case new
        /// That of the identity that is held.
        case kept(HeldIdentity)
        /// A new one when nobody reads the files in the folder for a while, else that of the identity that is held.
        case newUnlessRead(HeldIdentity, folder: String, quietTime: Duration)
    }

    /// Blocks until there is an answer.
    ///
    /// When the authority certifies a key no more that was kept, it asks again with a new one.
    ///
    /// - Parameter ask: sends the request, in PEM.
    func obtain(
        _ ask: (String) throws(AuthorityCallError) -> AuthorityAnswer
    ) -> Result<ObtainedIdentity, AuthorityCallError> {
        do throws(AuthorityCallError) {
            return .success(try obtain(with: try chooseKey(), ask))
        } catch  where error.code == .keyRefused && isKeyHeld {
            // Readers may find a pair that does not match for a moment, and would otherwise find one that is of no use.
            return IdentityRequest(key: .new, keyKind: keyKind, clock: clock).obtain(ask)
        } catch {
            return .failure(error)
        }
    }

    private var isKeyHeld: Bool {
        if case .new = key { false } else { true }
    }

    private typealias ChosenKey = (key: PrivateKey, madeAt: Int64, watch: ReadWatch?)

    private func obtain(
        with chosen: ChosenKey,
        _ ask: (String) throws(AuthorityCallError) -> AuthorityAnswer
    ) throws(AuthorityCallError) -> ObtainedIdentity {
        let answer = try ask(try Self.request(for: chosen.key))
        let note = IdentityNote(
            obtainedAt: clock(),
            keyMadeAt: chosen.madeAt,
            rule: answer.rule ?? IdentityNote.standardRule,
            rotation: answer.rotation
        )
        let identity = try Self.combine(chosen.key, answer, note)
        return ObtainedIdentity(identity: identity, trustBundle: answer.trustBundle, watch: chosen.watch)
    }

    private func chooseKey() throws(AuthorityCallError) -> ChosenKey {
        switch key {
        case .kept(let held):
            return (held.key, held.note.keyMadeAt, nil)
        case .newUnlessRead(let held, let folder, let quietTime):
            guard let watch = try? ReadWatch(folder), watch.staysQuiet(for: quietTime) else {
                return (held.key, held.note.keyMadeAt, nil)
            }
            return (try makeKey(), clock(), watch)
        case .new:
            return (try makeKey(), clock(), nil)
        }
    }

    private func makeKey() throws(AuthorityCallError) -> PrivateKey {
        do {
            return try PrivateKey.generate(keyKind)
        } catch {
            throw AuthorityCallError(.local, "no key can be made: \(error)")
        }
    }

    private static func request(for key: PrivateKey) throws(AuthorityCallError) -> String {
        do {
            return try SigningRequest.withoutNames(for: key).pem
        } catch {
            throw AuthorityCallError(.local, error.description)
        }
    }

    private static func combine(
        _ key: PrivateKey,
        _ answer: AuthorityAnswer,
        _ note: IdentityNote
    ) throws(AuthorityCallError) -> HeldIdentity {
        do {
            return try HeldIdentity(key: key, certificates: answer.certificates, note: note)
        } catch {
            throw AuthorityCallError(.malformed, "the certificate that the authority sent is of no use: \(error)")
        }
    }
}

/// What came of a request: an identity, and the trust bundle that came with it.
package struct ObtainedIdentity: Sendable {
    /// The key with its certificate.
    package var identity: HeldIdentity
    /// The trust bundle, in PEM; nil when none came with the certificate.
    package var trustBundle: [UInt8]?
    /// Tells whether somebody has begun to read the files whose key is to be changed; nil when that does not matter.
    package var watch: ReadWatch?
}
