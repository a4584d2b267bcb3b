import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import CountersignTransport
import Logging

extension AgentCore {
    /// Fetches the trust bundle when its time has come.
    func fetchBundleIfDue(at now: Int64) {
        guard now >= bundle.nextAt, canCall else { return }
        fetchBundle()
    }

    /// Takes what came of fetching the bundle.
    func takeBundle(_ result: Result<[UInt8], AuthorityCallError>, at now: Int64) {
        bundle.isFetching = false
        do {
            try replaceBundle(try result.get())
            bundle.failures = 0
            bundle.problem = nil
            surroundings.metrics.bundleAge.set(now * 1_000_000)
            let spread = Double(settings.bundleInterval) * 0.1
            bundle.nextAt = now + settings.bundleInterval - Int64(spread * jitter.fraction(UInt64(bitPattern: now)))
        } catch {
            bundle.failures += 1
            bundle.problem = "\(error)"
            let remaining = Int64(86_400_000)
            bundle.nextAt =
                now + settings.backoff.pause(afterFailures: bundle.failures, remaining: remaining, jitter: jitter)
            surroundings.logger.warning("trust bundle not refreshed", metadata: ["reason": .string("\(error)")])
        }
        judgeUnverified(at: now)
    }

    /// Fetches the trust bundle now.
    func fetchBundle() {
        guard !bundle.isFetching else { return }
        bundle.isFetching = true
        worker.run(.authority) { [client] in
            do throws(AuthorityCallError) {
                return .bundle(.success(try client.bundle()))
            } catch {
                return .bundle(.failure(error))
            }
        }
    }

    private func replaceBundle(_ pem: [UInt8]) throws {
        let isNew: Bool
        do {
            isNew = try trust.replace(pem)
        } catch {
            throw AuthorityCallError(.malformed, "the authority's trust bundle cannot be used: \(error)")
        }
        if isNew { try useAccess() }
        guard isNew || directory.bundle() != pem else { return }
        // Before the certificates that only this bundle vouches for.
        try directory.writeBundle(pem)
        surroundings.logger.info("trust bundle replaced", metadata: ["bytes": .stringConvertible(pem.count)])
        for identity in services where identity.held != nil { wantReload(of: identity) }
    }

    private var jitter: Jitter { Jitter(naming: settings.hostName, "bundle") }
}
