import CountersignIdentity
import CountersignIssuance
package import CountersignTelemetry
import Logging

/// Keeps certificates for registered services whose keys are made here.
///
/// It issues what is missing, renews what is due, and tries again what failed. What is in place stays there until its
/// successor is.
///
/// Belongs to one thread; ``sweep(demanded:)`` does all the work, and may wait for the store and for an outside CA.
package final class CertificateProvisioning {
    let engine: AuthorityEngine
    let place: any CertificatePlace
    private let excluded: Set<String>
    let health: HealthState
    let keyLifetime: Int64
    var services: [String: ProvisionedService] = [:]
    var bundle: String?

    /// How long a key is kept over renewals, in milliseconds: 30 days.
    package static let keyLifetime: Int64 = 30 * 86_400_000

    /// Prepares the work; nothing is read or issued before the first sweep.
    ///
    /// - Parameters:
    ///   - engine: issues and records.
    ///   - place: where certificates and keys are put.
    ///   - excluded: services that look after their keys themselves.
    ///   - health: is told of certificates and of what fails.
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
        for registration in registered.values.sorted(by: { $0.name < $1.name })
        where !excluded.contains(registration.name) {
            attend(registration, isDemanded: demanded.contains(registration.name))
        }
        tellHealth()
        return services.values.map(\.wakeAt).min() ?? .max
    }

    var now: Int64 { engine.clock.now() * 1000 }

    /// Gives a service's machine what has happened, and makes the one request that it may want.
    private func attend(_ registration: ServiceRegistration, isDemanded: Bool) {
        let name = registration.name
        var isRequested = false
        var service = services[name] ?? takeUp(registration)
        let isNewlyRevoked = takeRevocation(of: name, &service)
        defer { services[name] = service }
        // What is suspended is not replaced by something that is not; a rotation that is asked for is recorded.
        guard !service.isOnHold else { return service.wakeAt = .max }
        if service.isUntold, let kept = service.kept {
            service.isUntold = false
            take(issued(kept, to: name), &service, &isRequested)
        }
        let isWanted = isDemanded || isNewlyRevoked || isOutdated(service, registration)
        take(isWanted ? .demanded : .clock, &service, &isRequested)
        if isRequested { ask(for: registration, &service) }
    }

    /// Makes the request that a machine wants, and another one when what comes of it is due already, such as a certificate
    /// that could not be written for long.
    private func ask(for registration: ServiceRegistration, _ service: inout ProvisionedService) {
        if service.machine.phase(at: now) == .expired {
            engine.logger.warning(
                "a certificate has expired and is renewed",
                metadata: ["service": "\(registration.name)"]
            )
        }
        var isRequested = true
        for _ in 0..<Self.requestsAtOnce where isRequested {
            isRequested = false
            let outcome = renew(registration, &service)
            take(outcome, &service, &isRequested)
        }
        // A request that is left open would be the last one.
        if isRequested { take(.failed(retryAfter: nil), &service, &isRequested) }
    }

    private static let requestsAtOnce = 2

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
    private func takeUp(_ registration: ServiceRegistration) -> ProvisionedService {
        let name = registration.name
        var service = ProvisionedService(machine: RenewalStateMachine(jitter: Jitter(naming: name)))
        guard let kept = place.load(name) else { return service }
        service.kept = kept
        service.registration = isIssued(kept, by: registration) ? registration : nil
        service.isUntold = true
        tell(kept, name, nil)
        return service
    }

    /// Whether a certificate is one of the inventory that says what the registration says.
    private func isIssued(_ kept: KeptCertificate, by registration: ServiceRegistration) -> Bool {
        let record: CertificateRecord?
        do throws(StoreError) {
            record = try engine.store.certificate(serial: kept.serial)
        } catch {
            // A store that cannot be read is no reason to doubt what is in place.
            return true
        }
        guard let found = record else { return false }
        return found.service == registration.name && found.profile == registration.profile
            && found.spiffeID == registration.spiffeID.description
            && found.names == registration.dnsNames + registration.addresses.map(\.description)
    }

    private func forget(_ name: String) {
        services[name] = nil
        health.removeService(name)
        engine.metrics.expiry.remove(name)
    }

    /// Whether what is in place is to be renewed before its time: it is revoked, it says something else than the
    /// registration, or a rotation was asked for that it does not fulfil, such as before a restart.
    ///
    /// Not after a failure, which is tried again in its time.
    private func isOutdated(_ service: ProvisionedService, _ registration: ServiceRegistration) -> Bool {
        guard let kept = service.kept, service.machine.phase(at: now) == .fresh else { return false }
        return service.isRevoked || service.registration != registration
            || kept.rotation != (engine.rotations.requestedAt(registration.name) ?? kept.rotation)
    }

    /// What a machine is to know of a certificate.
    func issued(_ kept: KeptCertificate, to name: String) -> RenewalStateMachine.Event {
        .issued(kept.validity, rule: kept.rule, jitter: Jitter(naming: name, kept.serial))
    }
}
