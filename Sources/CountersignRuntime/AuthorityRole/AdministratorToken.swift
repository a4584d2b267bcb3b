import CountersignAuthority
import CountersignFiles
import CountersignIssuance
import CountersignTransport
import Glibc
import Logging
import Synchronization

/// The bearer token of the first administrator, in a file that only the process's user can read.
enum AdministratorToken {
    /// The token's name in the inventory.
    static let name = "file"

    /// Writes a new token to `file` when there is none; one that is there is kept.
    ///
    /// - Throws: ``AuthorityError`` when the token cannot be recorded, ``SystemError`` when the file cannot be written.
    static func ensure(file: String, engine: AuthorityEngine, logger: Logger) throws {
        if unsafe access(file, F_OK) == 0 { return }
        let caller = Caller(.local("start"))
        let done = Completion()
        let made = Mutex<Result<(token: AccessToken, secret: TokenSecret), AuthorityError>?>(nil)
        let make: @Sendable () -> Void = {
            engine.makeToken(name: name, kind: .bearer(.admin), lifetimeSeconds: nil, by: caller) { result in
                made.withLock { $0 = result }
                done.finish()
            }
        }
        // Of an earlier file, whose secret nobody has any more.
        if try engine.store.tokens().contains(where: { $0.name == name }) {
            engine.removeToken(name, evenLast: true, by: caller) { _ in make() }
        } else {
            make()
        }
        _ = done.wait()
        guard let result = made.withLock({ $0 }) else { return }
        let secret = try result.get().secret
        try AtomicFile.write(Array((secret.reveal() + "\n").utf8), to: file, mode: 0o600)
        logger.notice("a token for the admin API was made", metadata: ["file": .string(file)])
    }
}
