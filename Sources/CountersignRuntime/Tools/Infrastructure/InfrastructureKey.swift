import CountersignFiles
import CountersignPKI
import CountersignTransport
import Glibc

/// The private key of a service, looked at as the program that is to use it does.
enum InfrastructureKey {
    /// Who may read the file for a program to take it.
    enum Rule {
        /// Its owner alone, or, where that is root, a group as well: what libpq and PostgreSQL ask for.
        case postgresql
        /// Its owner and its group.
        case ownerAndGroup

        /// Permissions that a file of that owner must not give.
        func forbidden(owner: uid_t) -> mode_t {
            switch self {
            case .postgresql: owner == 0 ? 0o037 : 0o077
            case .ownerAndGroup: 0o027
            }
        }

        /// What is allowed, for people.
        fileprivate var words: String {
            switch self {
            case .postgresql: "PostgreSQL takes one of mode 0600, or of mode 0640 when it is root's"
            case .ownerAndGroup: "mode 0600 or 0640 keeps it from them"
            }
        }
    }

    /// Finds out whether a key can be used.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - leaf: the certificate that it has to belong to.
    ///   - rule: who may read it.
    /// - Throws: ``InfrastructureFault`` with `missing` or `unusable`.
    static func check(_ path: String, of leaf: ParsedCertificate, _ rule: Rule) throws(InfrastructureFault) {
        let file: FileContent.Snapshot
        do throws(SystemError) {
            file = try FileContent.read(path, maximumBytes: PEMDocuments.maximumSize)
        } catch {
            if error.code == ENOENT { throw InfrastructureFault(.missing, "there is no private key \(path)") }
            throw InfrastructureFault(.unusable, "the private key cannot be looked at: \(error)")
        }
        guard file.permissions & rule.forbidden(owner: file.owner) == 0 else {
            let mode = String(file.permissions, radix: 8)
            throw InfrastructureFault(
                .unusable,
                "the private key \(path) is open to others (mode 0\(mode)); \(rule.words)"
            )
        }
        let key: PrivateKey
        do throws(PKIError) {
            key = try PrivateKey(pem: file.bytes)
        } catch {
            throw InfrastructureFault(.unusable, "\(path): \(error.message)")
        }
        guard key.matches(leaf) else {
            throw InfrastructureFault(.unusable, "the private key \(path) belongs to another certificate")
        }
    }
}
