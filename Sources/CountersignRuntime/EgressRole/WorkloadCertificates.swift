import CountersignFiles
import CountersignIdentity
import CountersignPKI
import CountersignRouter
import CountersignTLS
import CountersignTelemetry
import CountersignTransport
import Glibc
import Logging
import Synchronization

/// The certificates of the workloads, each from its folder, followed as something else rotates them.
///
/// A folder without files leaves its workload without an identity; with files that do not fit each other, the last ones
/// that did count as long as they are valid.
final class WorkloadCertificates: Sendable {
    private let health: HealthState
    private let metrics: MTLSMetrics
    private let logger: Logger
    private let serials = Mutex<[String: String]>([:])

    /// - Parameters:
    ///   - health: is told what each workload has.
    ///   - metrics: where rotations are counted.
    ///   - logger: takes what changes.
    init(health: HealthState, metrics: MTLSMetrics, logger: Logger) {
        self.health = health
        self.metrics = metrics
        self.logger = logger
    }

    /// The files of workloads, for whoever watches them.
    static func files(of names: [String], in directory: String) -> [String] {
        guard !directory.isEmpty else { return [] }
        return names.flatMap { ["\(directory)/\($0)/cert.pem", "\(directory)/\($0)/key.pem"] }
    }

    /// Reads the folders, and has each workload present what there is from now on.
    func refresh(_ workloads: [LocalWorkload], in directory: String) {
        guard !directory.isEmpty else { return }
        var missing: [String] = []
        for workload in workloads {
            do {
                guard let found = try Self.read("\(directory)/\(workload.name)") else {
                    missing.append(workload.name)
                    withdraw(workload)
                    continue
                }
                present(found, workload)
            } catch {
                missing.append(workload.name)
                metrics.certificateRotations.child(workload.name, "failure").add()
                logger.warning(
                    "certificate of a workload not usable",
                    metadata: ["workload": .string(workload.name), "reason": .string("\(error)")]
                )
            }
        }
        let reason = "no usable certificate in \(directory) for \(missing.joined(separator: ", "))"
        let isAnyHeld = serials.withLock { held in workloads.contains { held[$0.name] != nil } }
        health.set(
            "workload_certificates",
            missing.isEmpty ? .ok : isAnyHeld ? .degraded(reason: reason) : .failed(reason: reason)
        )
    }

    /// What a folder holds.
    private struct Found {
        let identity: UpstreamIdentity
        let facts: IdentityFacts
    }

    /// Reads a folder; nil when it has no certificate.
    ///
    /// - Throws: `PKIError` or `SystemError` about files that are there and cannot be used.
    private static func read(_ link: String) throws -> Found? {
        // Followed once, so that both files are of one generation.
        guard let resolved = unsafe realpath(link, nil) else { return nil }
        let folder = unsafe String(cString: resolved)
        unsafe free(resolved)
        let certificate: [UInt8]
        do throws(SystemError) {
            certificate = try FileContent.read("\(folder)/cert.pem", maximumBytes: maximumBytes).bytes
        } catch {
            guard error.code == ENOENT else { throw error }
            return nil
        }
        let file = try FileContent.read("\(folder)/key.pem", maximumBytes: maximumBytes)
        let key = try PrivateKey(pem: file.bytes)
        let chain = try CertificateChain(pem: certificate)
        guard let leaf = chain.certificates.first, key.matches(leaf) else {
            throw PKIError(.keyMismatch, "\(folder)/key.pem is not the key of the first certificate in cert.pem")
        }
        guard file.permissions & 0o077 == 0 else {
            throw PKIError(.keyMismatch, "others than the owner may read \(folder)/key.pem; its mode has to be 0600")
        }
        if let usage = leaf.extensions.extendedKeyUsage, !usage.allowsClient, !usage.allowsAny {
            throw PKIError(.keyMismatch, "\(folder)/cert.pem is not for TLS clients (clientAuth)")
        }
        return Found(
            identity: UpstreamIdentity(
                identity: TLSIdentity(certificateChain: chain.der, privateKey: key.derPKCS8),
                notAfter: leaf.notAfter
            ),
            facts: facts(leaf)
        )
    }

    private static func facts(_ leaf: ParsedCertificate) -> IdentityFacts {
        let id = leaf.extensions.alternativeNames.lazy.compactMap { name -> SPIFFEID? in
            if case .uri(let uri) = name { try? SPIFFEID(parsing: uri) } else { nil }
        }.first
        return IdentityFacts(
            trustDomain: id?.trustDomain.name ?? "",
            spiffeID: id?.description ?? "",
            certificateSerial: SerialNumber(leaf.serialNumber).hexadecimal,
            notBefore: leaf.notBefore,
            notAfter: leaf.notAfter
        )
    }

    private func present(_ found: Found, _ workload: LocalWorkload) {
        workload.identity.replace(found.identity)
        health.setService(workload.name, found.facts)
        metrics.certificateExpiry.child(workload.name).set(found.facts.notAfter * 1_000_000_000)
        let serial = found.facts.certificateSerial
        guard serials.withLock({ $0.updateValue(serial, forKey: workload.name) }) != serial else { return }
        metrics.certificateRotations.child(workload.name, "success").add()
        logger.info(
            "certificate of a workload taken up",
            metadata: [
                "workload": .string(workload.name), "spiffe_id": .string(found.facts.spiffeID),
                "serial": .string(serial),
            ]
        )
    }

    private func withdraw(_ workload: LocalWorkload) {
        workload.identity.replace(nil)
        health.setService(workload.name, nil)
        guard serials.withLock({ $0.removeValue(forKey: workload.name) }) != nil else { return }
        logger.warning("certificate of a workload is gone", metadata: ["workload": .string(workload.name)])
    }

    private static let maximumBytes = 1024 * 1024
}
