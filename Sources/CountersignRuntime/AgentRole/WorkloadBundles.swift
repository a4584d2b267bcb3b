import CountersignAgent
import CountersignFiles
import CountersignIdentity
import CountersignPKI
import CountersignTelemetry
import CountersignTransport
import Logging
import Synchronization

/// The bundles of other trust domains that the workloads of a host are given.
///
/// What came last is kept in files, and given out while a publisher is away.
final class WorkloadBundles: Sendable {
    private let workloads: WorkloadService
    private let bundles = Mutex<[TrustDomain: FederatedBundle]>([:])
    private let logger: Logger

    init(_ workloads: WorkloadService, logger: Logger) {
        self.workloads = workloads
        self.logger = logger
    }

    /// Takes up what is in the files of these trust domains, and forgets all others.
    func begin(with domains: [FederatedDomain]) {
        let kept = Dictionary(domains.map { ($0.trustDomain, Self.kept($0)) }) { first, _ in first }
        bundles.withLock { bundles in
            let known = bundles
            let taken = kept.map { domain, kept in
                (domain, known[domain] ?? kept ?? FederatedBundle(authoritiesDER: []))
            }
            bundles = Dictionary(uniqueKeysWithValues: taken)
            // Told while nobody else can: what is told last has to be what is in force.
            workloads.useFederated(bundles)
        }
    }

    /// Takes what a publisher has answered.
    func take(_ domain: FederatedDomain, _ answer: FetchedBundle) {
        let keys = WorkloadService.tokenKeys(ofBundle: answer.document)
        let bundle = FederatedBundle(authoritiesDER: answer.bundle.authoritiesDER, tokenKeys: keys)
        let isNew = bundles.withLock { bundles in
            // One that is not followed any more may have been asked before.
            guard let former = bundles[domain.trustDomain], former != bundle else { return false }
            bundles[domain.trustDomain] = bundle
            workloads.useFederated(bundles)
            return true
        }
        guard isNew else { return }
        do {
            if let keys { try AtomicFile.write(keys, to: Self.keysPath(domain), mode: 0o644) }
        } catch {
            logger.warning("keys of a federated bundle are not kept", metadata: ["reason": .string("\(error)")])
        }
    }

    private static func kept(_ domain: FederatedDomain) -> FederatedBundle? {
        guard let pem = try? FileContent.read(domain.bundlePath, maximumBytes: SPIFFEBundle.maximumSize).bytes,
            let bundle = try? SPIFFEBundle(pem: pem)
        else { return nil }
        let file = try? FileContent.read(keysPath(domain), maximumBytes: SPIFFEBundle.maximumSize).bytes
        let keys = file.flatMap(WorkloadService.tokenKeys)
        return FederatedBundle(authoritiesDER: bundle.authoritiesDER, tokenKeys: keys)
    }

    private static func keysPath(_ domain: FederatedDomain) -> String { "\(domain.bundlePath).jwks" }
}
