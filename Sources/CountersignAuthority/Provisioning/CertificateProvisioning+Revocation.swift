import CountersignIssuance
import CountersignPKI
import Logging

extension CertificateProvisioning {
    /// The serial numbers of everything that is in place or waits to be: a revocation of one of them is work for
    /// ``sweep(demanded:)``.
    package var serials: Set<String> {
        Set(services.values.flatMap { [$0.kept?.serial, $0.unwritten?.kept.serial].compactMap(\.self) })
    }

    /// Takes notice of what has happened to the certificate in place since it was last looked at.
    ///
    /// - Returns: whether it is to be replaced at once, whatever its age.
    func takeRevocation(of name: String, _ service: inout ProvisionedService) -> Bool {
        guard let kept = service.kept else { return false }
        let known = service.revocation
        let current = revocation(of: kept, known: known)
        guard current != known else { return false }
        service.revocation = current
        tell(kept, name, service.revocation)
        let metadata: Logger.Metadata = ["service": "\(name)", "serial": "\(kept.serial)"]
        guard let current else {
            engine.logger.notice("certificate is good again", metadata: metadata)
            service.isUntold = true
            return false
        }
        let message: Logger.Message = service.isOnHold ? "certificate is on hold" : "certificate is revoked"
        engine.logger.warning(message, metadata: metadata.merging(["reason": "\(current.name)"]) { $1 })
        return service.isRevoked
    }

    /// Whether a certificate that waits to be put in place may be.
    ///
    /// One that was revoked meanwhile is given up, and its key with it.
    ///
    /// - Throws: ``AuthorityError`` while it is on hold: neither it nor another is put in place until it is released.
    func isUsable(
        _ made: (certificate: IssuedCertificate, kept: KeptCertificate),
        _ service: inout ProvisionedService
    ) throws(AuthorityError) -> Bool {
        switch revocation(of: made.kept, known: nil) {
        case nil: return now < made.kept.validity.end
        case .certificateHold:
            throw AuthorityError(.forbidden, "the certificate that is to be put in place is on hold")
        default:
            service.unwritten = nil
            service.needsNewKey = true
            return false
        }
    }

    /// Why a certificate is revoked or on hold; nil while it is neither.
    ///
    /// - Parameter known: what it was found to be before, which stays while the store cannot be asked.
    private func revocation(of kept: KeptCertificate, known: RevocationReason?) -> RevocationReason? {
        if let entry = engine.revocations.entry(serial: kept.serial) { return entry.reason }
        guard now >= kept.validity.end else { return nil }
        // The book forgets what has ended; a hold lasts until somebody takes it back.
        do throws(StoreError) {
            return try engine.store.certificate(serial: kept.serial)?.revocation?.reason
        } catch {
            return known
        }
    }
}
