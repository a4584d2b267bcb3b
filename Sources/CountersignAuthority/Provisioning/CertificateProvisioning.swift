import CountersignIdentity
import CountersignIssuance
import CountersignPKI
package import CountersignTelemetry
import CountersignTransport
import Logging
import Synchronization

/// Keeps certificates for registered services whose keys are made here.
///
/// It issues what is missing, renews what is due, and tries again what failed. What is in place stays there until its
/// successor is.
///
/// Belongs to one thread; ``sweep(demanded:)`` does all the work, and may wait for the store and for an outside CA.
package final class CertificateProvisioning {
    private let engine: AuthorityEngine
    private let place: any CertificatePlace
    private let excluded: Set<String>
    private let health: HealthState
    private let keyLifetime: Int64
    private var services: [String: ProvisionedService] = [:]
    private var bundle: String?

    /// How long a key is kept over renewals, in milliseconds: 30 days.
    package static let keyLifetime: Int64 = 30 * 86_400_000
    /// How long one certificate is waited for.
    private static let patience = Duration.seconds(60)

    /// - Parameters:
    ///   - excluded: services that look after their keys themselves.
    ///   - keyLifetime: how long a key is kept over renewals, in milliseconds. While it is the same, a reader that opens
    ///     certificate and key one after the other gets a pair that matches.
    package init(
        engine: AuthorityEngine,
        place: any CertificatePlace,
        excluded: Set<String> = [],
        health: HealthState,
        keyLifetime: Int64 = CertificateProvisioning.keyLifetime
    ) {
        self.engine = engine
        self.place = place
        self.excluded = excluded
        self.health = health
        self.keyLifetime = keyLifetime
    }

    /// Looks after every service once.
    ///
    /// - Parameter demanded: services whose certificates are to be renewed whatever their age.
    /// - Returns: when to come back at the latest, in Unix milliseconds.
    package func sweep(demanded: Set<String> = []) -> Int64 {
        let registered = engine.registry.services
        for name in services.keys where registered[name] == nil { forget(name) }
        guard putBundle() else { return now + 1000 }
        for name in registered.keys.sorted() where !excluded.contains(name) {
            attend(name, isDemanded: demanded.contains(name))
        }
        tellHealth()
        return services.values.map(\.wakeAt).min() ?? .max
    }

    private var now: Int64 { engine.clock.now() * 1000 }

    /// Gives a service's machine what has happened, and makes the one request that it may want.
    private func attend(_ name: String, isDemanded: Bool) {
        var isRequested = false
        var service = services[name] ?? takeUp(name, &isRequested)
        let isWanted = isDemanded || isRotationMissed(name, service)
        take(isWanted ? .demanded : .clock, &service, &isRequested)
        if isRequested {
            if service.machine.phase(at: now) == .expired {
                engine.logger.warning("a certificate has expired and is renewed", metadata: ["service": "\(name)"])
            }
            let outcome = renew(name, &service)
            take(outcome, &service, &isRequested)
        }
        services[name] = service
    }

    private func take(
        _ event: RenewalStateMachine.Event,
        _ service: inout ProvisionedService,
        _ isRequested: inout Bool
    ) {
        service.wakeAt = .max
        for action in service.machine.handle(event, at: now) {
            switch action {
            case .request: isRequested = true
            case .wait(let until): service.wakeAt = until
            case .report: break
            }
        }
    }

    /// Goes on with what is in place, as if it had just come.
    private func takeUp(_ name: String, _ isRequested: inout Bool) -> ProvisionedService {
        var service = ProvisionedService(machine: RenewalStateMachine(jitter: Jitter(naming: name)))
        guard let kept = place.load(name) else { return service }
        service.kept = kept
        take(issued(kept, to: name), &service, &isRequested)
        tell(kept, name)
        return service
    }

    private func forget(_ name: String) {
        services[name] = nil
        health.removeService(name)
        engine.metrics.expiry.remove(name)
    }

    /// Whether a rotation was asked for that the certificate in place does not fulfil, such as before a restart.
    private func isRotationMissed(_ name: String, _ service: ProvisionedService) -> Bool {
        guard let kept = service.kept, let wanted = engine.rotations.requestedAt(name) else { return false }
        return kept.rotation != wanted
    }

    // MARK: Renewing

    private func renew(_ name: String, _ service: inout ProvisionedService) -> RenewalStateMachine.Event {
        do {
            let made: (certificate: IssuedCertificate, kept: KeptCertificate)
            if let unwritten = service.unwritten, now < unwritten.kept.validity.end {
                made = unwritten
            } else {
                made = try obtain(name, service)
            }
            service.unwritten = made
            try place.put(made.certificate, made.kept, for: name)
            service.unwritten = nil
            service.kept = made.kept
            service.problem = nil
            engine.metrics.rotations.child(name, "success").add()
            tell(made.kept, name)
            engine.logger.info(
                "certificate put in place",
                metadata: ["service": "\(name)", "serial": "\(made.kept.serial)"]
            )
            return issued(made.kept, to: name)
        } catch {
            service.problem = "\(error)"
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

    /// The key of the certificate in place, unless it is old, of another kind than the profile wants, or was in a
    /// certificate that is revoked.
    private func key(for name: String, _ service: ProvisionedService) throws -> (PrivateKey, madeAt: Int64) {
        let kind = try engine.profile(try engine.service(name).profile).keyKind
        if let kept = service.kept, kept.key.publicKey.kind == kind.ofPublicKey, now - kept.keyMadeAt < keyLifetime,
            engine.revocations.entry(serial: kept.serial) == nil
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

    private func issued(_ kept: KeptCertificate, to name: String) -> RenewalStateMachine.Event {
        .issued(kept.validity, rule: kept.rule, jitter: Jitter(naming: name, kept.serial))
    }

    // MARK: Telling

    private func putBundle() -> Bool {
        let pem = engine.issuer.trustBundlePEM
        guard bundle != pem else { return true }
        do {
            try place.putTrustBundle(pem)
            bundle = pem
            return true
        } catch {
            health.set("provisioning", .degraded(reason: "\(error)"))
            engine.logger.error("the trust bundle cannot be written", metadata: ["reason": "\(error)"])
            return false
        }
    }

    private func tell(_ kept: KeptCertificate, _ name: String) {
        // Nanoseconds of 64 bits end in the year 2262; certificates may end later.
        let end = min(kept.validity.notAfter, Int64.max / 1_000_000_000)
        engine.metrics.expiry.child(name).set(end * 1_000_000_000)
        health.setService(
            name,
            IdentityFacts(
                trustDomain: engine.settings.trustDomain.name,
                spiffeID: engine.registry.services[name]?.spiffeID.description ?? "",
                certificateSerial: kept.serial,
                notBefore: kept.validity.notBefore,
                notAfter: kept.validity.notAfter,
                renewAt: RenewalSchedule(
                    kept.validity,
                    rule: kept.rule,
                    jitter: Jitter(naming: name, kept.serial)
                ).renewAt / 1000
            )
        )
    }

    /// Not more than a reservation: that one service lacks its certificate is no reason to take the authority from all
    /// others.
    private func tellHealth() {
        let unwell = services.filter { $0.value.machine.health(at: now) != .good }.sorted { $0.key < $1.key }
        guard let first = unwell.first else { return health.set("provisioning", .ok) }
        let health = first.value.machine.health(at: now).rawValue
        let reason = first.value.problem.map { ": \($0)" } ?? ""
        let more = unwell.count > 1 ? "; and \(unwell.count - 1) more" : ""
        self.health.set("provisioning", .degraded(reason: "\(first.key) is \(health)\(reason)\(more)"))
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
