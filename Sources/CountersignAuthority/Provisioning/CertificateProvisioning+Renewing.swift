import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import CountersignTransport
import Logging
import Synchronization

extension CertificateProvisioning {
    /// How long one certificate is waited for.
    private static let patience = Duration.seconds(60)

    /// Makes the one request that a machine wants, and puts what comes of it in place.
    ///
    /// - Returns: what the machine is told of it.
    func renew(
        _ registration: ServiceRegistration,
        _ service: inout ProvisionedService
    ) -> RenewalStateMachine.Event {
        let name = registration.name
        do {
            let made: (certificate: IssuedCertificate, kept: KeptCertificate)
            if let unwritten = service.unwritten, try isUsable(unwritten, &service) {
                made = unwritten
            } else {
                made = try obtain(name, service)
            }
            service.unwritten = made
            guard try isUsable(made, &service) else {
                throw AuthorityError(.unavailable, "the certificate was revoked before it was put in place")
            }
            try place.put(made.certificate, made.kept, for: name)
            service.unwritten = nil
            service.kept = made.kept
            service.revocation = nil
            service.needsNewKey = false
            service.registration = registration
            service.problem = nil
            engine.metrics.rotations.child(name, "success").add()
            tell(made.kept, name, nil)
            engine.logger.info(
                "certificate put in place",
                metadata: ["service": "\(name)", "serial": "\(made.kept.serial)"]
            )
            return issued(made.kept, to: name)
        } catch {
            service.problem = "\(error)"
            if (error as? AuthorityError)?.code == .weakKey { service.needsNewKey = true }
            engine.metrics.rotations.child(name, "failure").add()
            engine.logger.warning(
                "certificate not renewed",
                metadata: ["service": "\(name)", "reason": "\(error)"]
            )
            return .failed(retryAfter: nil)
        }
    }

    private func obtain(
        _ name: String,
        _ service: ProvisionedService
    ) throws -> (certificate: IssuedCertificate, kept: KeptCertificate) {
        let (key, madeAt) = try key(for: name, service)
        let request = try SigningRequest.withoutNames(for: key)
        let issuance = try issue(
            IssuanceOrder(holder: .service(name), key: .request(request), channel: .provisioning)
        )
        let record = issuance.record
        let kept = KeptCertificate(
            key: key,
            keyMadeAt: madeAt,
            serial: record.serial,
            validity: IssuedValidity(notBefore: record.notBefore, notAfter: record.notAfter, obtainedAt: now),
            rule: issuance.renewal,
            rotation: issuance.rotation
        )
        return (issuance.certificate, kept)
    }

    /// The key of the certificate in place, unless it is old, of another kind than the profile wants, refused, or in a
    /// certificate that is revoked.
    private func key(for name: String, _ service: ProvisionedService) throws -> (PrivateKey, madeAt: Int64) {
        let kind = try engine.profile(try engine.service(name).profile).keyKind
        if let kept = service.kept, kept.key.publicKey.kind == kind.ofPublicKey, now - kept.keyMadeAt < keyLifetime,
            !service.isRevoked, !service.needsNewKey
        {
            return (kept.key, kept.keyMadeAt)
        }
        return (try PrivateKey.generate(kind), now)
    }

    private func issue(_ order: IssuanceOrder) throws -> Issuance {
        let done = Completion()
        let answer = Mutex<Result<Issuance, AuthorityError>?>(nil)
        engine.issue(order, for: Caller(.local("provisioning"))) { result in
            answer.withLock { $0 = result }
            done.finish()
        }
        guard done.wait(upTo: Self.patience), let result = answer.withLock({ $0 }) else {
            throw AuthorityError(.unavailable, "no certificate was issued within \(Self.patience)")
        }
        return try result.get()
    }
}

extension PrivateKey.Kind {
    /// The kind of the public half.
    fileprivate var ofPublicKey: SubjectPublicKey.Kind {
        switch self {
        case .p256: .p256
        case .p384: .p384
        case .rsa2048: .rsa(bits: 2048)
        case .rsa3072: .rsa(bits: 3072)
        case .rsa4096: .rsa(bits: 4096)
        }
    }
}
