import CountersignAdmin
import CountersignAuthority
import CountersignHTTPServer
import CountersignIdentity
import CountersignIssuance
import CountersignPKI
import CountersignRouter
import CountersignTLS
import CountersignTelemetry
import CountersignTransport
import Logging
import Synchronization

/// The authority of `countersign dev`: the same role as `countersign authority` runs, with an ephemeral root that signs
/// by itself, and an inventory that is gone with the process.
final class DevAuthority: Sendable {
    /// The role: its engine and its listeners.
    let service: AuthorityService

    /// Starts it, and provisions the services whose keys it keeps.
    init(
        _ services: [DevService],
        in folder: DevFolder,
        at address: DevAddress,
        health: HealthState,
        logging: LoggingSetup
    ) throws {
        let trustDomain = try DevEnvironment.trustDomain
        let logger = logging.makeLogger(label: "countersign.authority")
        let authority = try IssuingAuthority.ephemeral(trustDomain: trustDomain, now: DevEnvironment.now)
        let settings = AuthoritySettings(
            trustDomain: trustDomain,
            domain: DevEnvironment.domain,
            profiles: [
                IssuanceProfile(name: "default"),
                IssuanceProfile(name: Self.routerName, lifetimeSeconds: 90 * 86_400),
            ],
            services: services.map(\.registration) + [try Self.router(trustDomain)]
        )
        let store = try AuthorityStorage.make(folder.database)
        let (listen, free) = try address.choices()
        var options = AuthorityServiceOptions(
            listen: listen,
            sweepInterval: .seconds(30),
            serverNames: ["localhost"],
            serverAddresses: [try IPAddress(parsing: "127.0.0.1")]
        )
        options.fallback = free
        options.certificateDirectory = folder.path
        options.unprovisioned = [Self.routerName]
        self.service = try address.naming {
            try AuthorityService(
                options,
                settings: settings,
                issuer: AuthorityIssuer(authority: authority),
                store: store,
                registry: MetricsRegistry(),
                health: health,
                logger: logger
            )
        }
        try AdministratorToken.ensure(file: folder.tokenFile, engine: service.engine, logger: logger)
    }

    /// A certificate for the router's own listener.
    ///
    /// - Throws: ``AuthorityError``.
    func routerIdentity() throws -> TLSIdentity {
        let order = IssuanceOrder(holder: .service(Self.routerName), key: .generated(nil), channel: .provisioning)
        let done = Completion()
        let answer = Mutex<Result<Issuance, AuthorityError>?>(nil)
        service.engine.issue(order, for: Caller(.local("dev"))) { result in
            answer.withLock { $0 = result }
            done.finish()
        }
        _ = done.wait()
        guard let issuance = try answer.withLock({ $0 })?.get(), let key = issuance.key else {
            throw AuthorityError(.signingFailed, "there is no certificate for the router")
        }
        return TLSIdentity(
            certificateChain: issuance.certificate.chainDER,
            privateKey: key.derPKCS8,
            dnsNames: Self.routerNames
        )
    }

    /// Has a router refuse and cut what is revoked from now on.
    func cutRevoked(at router: Router) {
        _ = service.engine.revocations.add { events, _ in
            for event in events {
                guard let change = RevocationChange(event) else { continue }
                router.apply(change)
            }
        }
    }

    private static let routerName = "router"
    private static let routerNames = ["*.\(DevEnvironment.domain)", "localhost"]

    private static func router(_ trustDomain: TrustDomain) throws -> ServiceRegistration {
        ServiceRegistration(
            name: routerName,
            spiffeID: try .workload(trustDomain: trustDomain, namespace: "default", serviceAccount: routerName),
            profile: routerName,
            dnsNames: routerNames,
            owner: "countersign dev",
            origin: .configuration
        )
    }
}

extension RevocationChange {
    /// What an event of the authority means for a router; nil when its numbers cannot be read.
    fileprivate init?(_ event: RevocationEvent) {
        guard let issuer = Hexadecimal.bytes(of: event.issuerKeyID), let serial = Hexadecimal.bytes(of: event.serial)
        else { return nil }
        let key = RevocationKey(issuerKeyIdentifier: issuer, serial: serial)
        guard event.reason != .removeFromCRL else {
            self = .release(key)
            return
        }
        self = .revoke(
            RevokedCertificate(key: key, date: event.date, reason: event.reason, notAfter: event.notAfter)
        )
    }
}
