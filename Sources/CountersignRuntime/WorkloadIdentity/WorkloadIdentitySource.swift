import CountersignFiles
import CountersignGRPC
import CountersignGRPCClient
import CountersignIdentity
import CountersignPKI
import CountersignRouter
import CountersignTLS
import CountersignTelemetry
import CountersignTransport
import CountersignWorkload
import Glibc
import Logging
import Synchronization

/// This process's own identity from a Workload API: the agent's, or any other of the host.
///
/// It follows the API as long as the process lives. When that is away, what it gave last is kept, health says so, and it is
/// called again after 1, 2, 4, … seconds, at most 30.
final class WorkloadIdentitySource: Sendable {
    private let address: SocketAddress
    private let trustDomain: TrustDomain
    private let bundlePath: String?
    private let service: String
    private let holder: UpstreamIdentityHolder
    private let health: HealthState
    private let metrics: MTLSMetrics
    private let logger: Logger

    /// Whom the source tells how it is.
    struct Surroundings {
        var health: HealthState
        var metrics: MTLSMetrics
        var logger: Logger
    }

    private let stopped = Completion()
    private let call = Mutex<GRPCCanceller?>(nil)
    private let current = Mutex<WorkloadIdentity?>(nil)

    private static let component = "workload_api"

    /// Begins to follow an API.
    ///
    /// - Parameters:
    ///   - address: where it is.
    ///   - trustDomain: whose identity is taken; another's is refused.
    ///   - bundlePath: where the trust bundle that comes with it is written; nil when it is not.
    ///   - service: the name of the process in metrics.
    ///   - holder: presents the identity to upstreams.
    ///   - surroundings: health, metrics and log.
    /// - Throws: `SystemError` when no thread can be made.
    init(
        _ address: SocketAddress,
        trustDomain: TrustDomain,
        bundlePath: String?,
        service: String,
        holder: UpstreamIdentityHolder,
        surroundings: Surroundings
    ) throws(SystemError) {
        self.address = address
        self.trustDomain = trustDomain
        self.bundlePath = bundlePath
        self.service = service
        self.holder = holder
        self.health = surroundings.health
        self.metrics = surroundings.metrics
        self.logger = surroundings.logger
        health.set(Self.component, .failed(reason: "the Workload API at \(address) has given no identity yet"))
        try spawn(name: "workload-api") { [self] in follow() }
    }

    /// Ends the following; what upstreams are shown stays.
    func stop() {
        stopped.finish()
        call.withLock { $0 }?.cancel()
    }

    private func follow() {
        var backoff = Backoff(first: .seconds(1), last: .seconds(30))
        var random = SystemRandomNumberGenerator()
        var isStopped = false
        while !isStopped {
            do {
                try read { backoff.reset() }
            } catch {
                if stopped.wait(upTo: .zero) { return }
                tell(error)
            }
            isStopped = stopped.wait(upTo: backoff.next(&random))
        }
    }

    /// Reads what the API says until it says no more.
    private func read(_ onAnswer: () -> Void) throws {
        let stream = try WorkloadClient.call(WorkloadMethod.fetchX509SVID, at: address)
        call.withLock { $0 = stream.canceller }
        defer { call.withLock { $0 = nil } }
        if stopped.wait(upTo: .zero) { return }
        while let message = try stream.next() {
            let response = try X509SVIDResponse(parsing: message)
            let identities = try WorkloadIdentity.verifying(response, atUnixSeconds: Int64(time(nil)))
            try take(identities[0])
            onAnswer()
        }
        throw WorkloadError("the Workload API ended its stream")
    }

    private func take(_ identity: WorkloadIdentity) throws(WorkloadError) {
        guard identity.id.trustDomain == trustDomain else {
            throw WorkloadError(
                "the Workload API gives \(identity.id), and mtls.trust_domain is \(trustDomain); give that of the identity"
            )
        }
        // Before the certificates that only it vouches for.
        writeBundle(identity)
        let isNew = current.withLock { held in
            defer { held = identity }
            return held?.leaf.der != identity.leaf.der
        }
        holder.replace(
            UpstreamIdentity(
                identity: TLSIdentity(certificateChain: identity.chainDER, privateKey: identity.key.derPKCS8),
                notAfter: identity.leaf.notAfter
            )
        )
        health.set(Self.component, .ok)
        guard isNew else { return }
        let serial = SerialNumber(identity.leaf.serialNumber).hexadecimal
        health.setIdentity(
            IdentityFacts(
                trustDomain: trustDomain.name,
                spiffeID: identity.id.description,
                certificateSerial: serial,
                notBefore: identity.leaf.notBefore,
                notAfter: identity.leaf.notAfter
            )
        )
        metrics.certificateExpiry.child(service).set(identity.leaf.notAfter * 1_000_000_000)
        metrics.certificateRotations.child(service, "success").add()
        logger.info(
            "identity taken from the workload api",
            metadata: ["spiffe_id": .string(identity.id.description), "serial": .string(serial)]
        )
    }

    private func writeBundle(_ identity: WorkloadIdentity) {
        guard let bundlePath else { return }
        let pem = identity.authoritiesDER.map { PEMBlock.text(label: "CERTIFICATE", der: $0) }.joined()
        let known = try? FileContent.read(bundlePath, maximumBytes: PEMDocuments.maximumSize).bytes
        guard known != Array(pem.utf8) else { return }
        do throws(SystemError) {
            try AtomicFile.write(Array(pem.utf8), to: bundlePath, mode: 0o644)
        } catch {
            logger.warning("trust bundle not written", metadata: ["reason": .string("\(error)")])
        }
    }

    private func tell(_ error: any Error) {
        let reason = PrintableText.escaped("\(error)")
        let isHeld = current.withLock { ($0?.leaf.notAfter ?? .min) >= Int64(time(nil)) }
        health.set(
            Self.component,
            isHeld
                ? .degraded(reason: "the Workload API gives nothing new, the last identity is kept: \(reason)")
                : .failed(reason: "the Workload API gives no identity: \(reason)")
        )
        metrics.certificateRotations.child(service, "failure").add()
        logger.warning("workload api gives no identity", metadata: ["reason": .string(reason)])
    }
}
