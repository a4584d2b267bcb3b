import CountersignAgent
import CountersignFiles
import CountersignIdentity
import CountersignPKI
import CountersignPolicy
import CountersignRouter
import CountersignTelemetry
import CountersignTransport
import CountersignWorkload
import Glibc
import Logging

/// The forward proxy of `countersign dev`: curl, run by the user of this process, is the service `orders`.
final class DevEgress: Sendable {
    /// Its data plane.
    let router: Router
    private let watcher: FileWatcher

    /// Starts it in front of the router, with the certificates of the folder.
    ///
    /// - Throws: ``ToolError`` for an address that is not of loopback.
    init(
        at address: DevAddress,
        to router: Router,
        as service: DevService,
        in folder: DevFolder,
        trust: TrustStore,
        logging: LoggingSetup
    ) throws {
        let wanted = try address.choices().wanted
        guard (try? IPAddress(parsing: wanted.host))?.isLoopback ?? false else {
            throw ToolError("--egress \(wanted) is no address of loopback; nobody could tell who calls from elsewhere")
        }
        let logger = logging.makeLogger(label: "countersign.egress")
        let registry = MetricsRegistry()
        let metrics = RouterMetrics(
            registry: registry,
            shards: 1,
            version: CountersignVersion.current,
            commit: CountersignVersion.commit
        )
        let workload = LocalWorkload(name: service.name)
        let certificates = WorkloadCertificates(health: HealthState(), metrics: metrics.mtls, logger: logger)
        certificates.refresh([workload], in: folder.path)
        self.watcher = try FileWatcher { certificates.refresh([workload], in: folder.path) }
        _ = watcher.watch(WorkloadCertificates.files(of: [service.name], in: folder.path))
        var settings = EgressSettings()
        settings.rules.domains = [try HostPattern(parsing: "*.\(DevEnvironment.domain)")]
        settings.routers = router.addresses
        settings.trust = trust
        settings.certificateDirectory = folder.path
        settings.workloads = [Self.rule(service.name)].compactMap(\.self)
        let egressMetrics = EgressMetrics(registry: registry, shards: 1)
        let snapshot = try settings.makeSnapshot(
            callers: LocalCallers(settings.workloads, [service.name: workload], ProcessInspector(), egressMetrics),
            metrics: egressMetrics
        )
        self.router = try address.start { address in
            try Router(
                listen: [address],
                workers: 1,
                snapshot: snapshot,
                revoked: RevokedCertificates(),
                metrics: metrics,
                accessLog: nil,
                logger: logger
            )
        }
    }

    /// Ends it.
    func stop() {
        _ = router.drain(within: .seconds(5))
    }

    /// Who is the service: curl of this user; where there is no curl, all that the user runs.
    private static func rule(_ service: String) -> WorkloadRule? {
        let folders = (ProcessEnvironment.value("PATH") ?? "").split(separator: ":")
        let path = folders.lazy.compactMap { folder -> String? in
            guard let resolved = unsafe realpath("\(folder)/curl", nil) else { return nil }
            defer { unsafe free(resolved) }
            return unsafe String(cString: resolved)
        }.first
        return WorkloadRule(service: service, userID: geteuid(), groupID: nil, path: path, sha256: nil)
    }
}

extension DevEnvironment {
    /// Commands of a program that knows only HTTP_PROXY.
    var egressTrials: [DevTrial] {
        let proxy = "http_proxy=http://\(egress.router.addresses.first?.description ?? "")"
        let curl = "curl -sS -w 'HTTP %{http_code}\\n'"
        return [
            DevTrial(
                "Plain HTTP and no certificate: the forward proxy sees that it is orders, and calls the router as orders (200).",
                "\(proxy) \\\n    \(curl) http://\(inventory.name).\(Self.domain)/stock",
                expects: ["HTTP 200", "URI=\(orders.spiffeID)"]
            ),
            DevTrial(
                "The router's policy counts as for everybody: nobody may call orders (403).",
                "\(proxy) \\\n    \(curl) http://\(orders.name).\(Self.domain)/",
                expects: ["HTTP 403", "403 Forbidden"]
            ),
            DevTrial(
                "The forward proxy is none for other hosts (403).",
                "\(proxy) \\\n    \(curl) http://example.com/",
                expects: ["HTTP 403", "destination_refused"]
            ),
        ]
    }
}
