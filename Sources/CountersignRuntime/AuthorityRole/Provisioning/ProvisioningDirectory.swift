import CountersignAgent
import CountersignAuthority
import CountersignIssuance
import CountersignPKI
import Logging

/// The certificates that the authority keeps for services, in the same layout as an agent's.
final class ProvisioningDirectory: CertificatePlace {
    private let directory: CertificateDirectory
    private let logger: Logger

    /// Opens the directory, and makes it where it is missing.
    ///
    /// - Throws: ``DirectoryError`` while an agent or another authority uses it, ``SystemError`` when it cannot be made.
    init(path: String, logger: Logger) throws {
        self.directory = try CertificateDirectory(path: path)
        self.logger = logger
    }

    func load(_ service: String) -> KeptCertificate? {
        do throws(DirectoryError) {
            guard let held = try directory.load(service) else { return nil }
            return KeptCertificate(
                key: held.key,
                keyMadeAt: held.note.keyMadeAt,
                serial: held.serial,
                validity: held.validity,
                rule: held.note.rule,
                rotation: held.note.rotation
            )
        } catch {
            logger.warning(
                "stored certificate is not used",
                metadata: ["service": .string(service), "reason": .string(error.message)]
            )
            return nil
        }
    }

    func put(_ certificate: IssuedCertificate, _ kept: KeptCertificate, for service: String) throws {
        let note = IdentityNote(
            obtainedAt: kept.validity.obtainedAt,
            keyMadeAt: kept.keyMadeAt,
            rule: kept.rule,
            rotation: kept.rotation
        )
        let certificates = try certificate.chainDER.map { try ParsedCertificate(der: $0) }
        let identity = try HeldIdentity(key: kept.key, certificates: certificates, note: note)
        try directory.publish(identity, as: service)
    }

    func putTrustBundle(_ pem: String) throws {
        let bytes = Array(pem.utf8)
        if directory.bundle() != bytes { try directory.writeBundle(bytes) }
    }
}
