import CountersignConfiguration
import CountersignFiles
import CountersignPKI
import CountersignRouter
import CountersignTLS
import CountersignTelemetry
import CountersignTransport
import Glibc
import Logging

extension RouterProgram {
    /// Takes up the file anew; with anything wrong in it, the old configuration stays as a whole.
    ///
    /// - Parameter isForced: whether to do so when no file differs from what the last attempt read.
    func reload(isForced: Bool) {
        defer { names.replace([], for: .upcoming) }
        do {
            let next = try LoadedRouter.load(
                path: path,
                environment: environment,
                revoked: revoked,
                now: Int64(time(nil)),
                reusing: loaded,
                resolving: { try resolve($0) }
            )
            guard noteAttempt(next.sources) || isForced else { return }
            try refuseWhatNeedsRestart(next)
            let identityChanges = next.settings.identityPlan != loaded.settings.identityPlan
            let nextIdentity = identityChanges ? try Self.makeIdentity(next, health, metrics, logger) : identity
            let effects = try prepare(next)
            // From here on nothing is refused any more: the file counts as a whole.
            for effect in effects { attempt(effect) }
            takeEffect(next, nextIdentity)
        } catch is CancellationError {
            return
        } catch {
            if let refusal = error as? ConfigurationRefusal, !refusal.sources.files.isEmpty {
                // Also what the refused file names: mending it there is a reason to try again.
                watch(loaded.sources.files + refusal.sources.files)
                guard noteAttempt(refusal.sources) || isForced else { return }
            }
            metrics.configurationReloads.add(.failure, shard: 0)
            health.set(
                "configuration",
                .degraded(reason: "the file was refused, the previous one is in force: \(error)")
            )
            logger.error("configuration refused", metadata: ["file": .string(path), "reason": .string("\(error)")])
        }
    }

    /// Makes what a configuration follows; nothing of it is in force before the effects.
    private func prepare(_ next: LoadedRouter) throws -> [() throws -> Void] {
        let settings = next.settings
        return [
            try revocations.prepare(settings.revocationFeed, for: router),
            try control.prepare(settings.control, for: router),
            try bus.prepare(settings.bus, for: router),
            { [federation] in try federation.follow(settings.federation) },
            { [tokenKeys] in try tokenKeys.follow(settings.domains.compactMap(\.tokenKeys)) },
        ]
    }

    /// Does what fails only when the system has no thread to give; the next reload tries it again.
    private func attempt(_ effect: () throws -> Void) {
        do {
            try effect()
        } catch {
            logger.error("a part of the configuration is not followed", metadata: ["reason": .string("\(error)")])
        }
    }

    private func takeEffect(_ next: LoadedRouter, _ nextIdentity: ProcessIdentity?) {
        router.apply(next.snapshot)
        levels.level = Logger.Level(next.configuration.log.level)
        present(nextIdentity, next)
        loaded = next
        adopt(next)
        watch(next.sources.files)
        metrics.configurationReloads.add(.success, shard: 0)
        health.set("configuration", .ok)
        logger.info("configuration reloaded", metadata: ["file": .string(path)])
        tellWarnings()
    }

    /// Keeps in mind what an attempt read, and answers whether it differs from the attempt before.
    private func noteAttempt(_ sources: ConfigurationSources) -> Bool {
        defer { lastAttempt = sources }
        return sources != lastAttempt
    }

    /// Sockets, threads and the log's destination are made once, at start.
    private func refuseWhatNeedsRestart(_ next: LoadedRouter) throws {
        var changed: [(key: String, place: ConfigurationPlace)] = []
        let place = next.router.place
        if next.router.listen != loaded.router.listen { changed.append(("listen", place)) }
        if next.router.workers != loaded.router.workers { changed.append(("workers", place)) }
        if next.router.accessLog != loaded.router.accessLog { changed.append(("access_log", place)) }
        if next.settings.status?.addresses != loaded.settings.status?.addresses { changed.append(("status", place)) }
        if next.configuration.mtls.presentsWorkload != loaded.configuration.mtls.presentsWorkload {
            changed.append(("mtls.workload_api", place))
        }
        if next.configuration.admin != loaded.configuration.admin { changed.append(("admin", place)) }
        if next.configuration.log.format != loaded.configuration.log.format { changed.append(("log.format", place)) }
        guard !changed.isEmpty else { return }
        throw ConfigurationRefusal(
            problems: changed.map { key, place in
                ConfigurationProblem(place: place, message: "\(key) cannot be changed without a restart")
            }
        )
    }

    /// Shows in metrics what is in force now.
    func adopt(_ loaded: LoadedRouter) {
        metrics.configurationAge.set(WallClock.nanoseconds())
        names.replace(Set(loaded.endpoints.names.keys), for: .file)
        // What was told between the loading and this moment was told to nobody.
        followNames()
        status?.adopt(loaded.settings.status, presenting: loaded.snapshot.plainContexts.first)
        for (index, section) in loaded.router.tls.certificates.enumerated() {
            guard loaded.settings.identities.indices.contains(index) else { continue }
            let identity = loaded.settings.identities[index]
            guard let leaf = identity.certificateChain.first.flatMap({ try? ParsedCertificate(der: $0) }) else {
                continue
            }
            let name = identity.dnsNames.first ?? section.chain.source.description
            metrics.mtls.certificateExpiry.child(name).set(leaf.notAfter * 1_000_000_000)
        }
        if let files = loaded.settings.presentedIdentity {
            health.setIdentity(files.facts)
            metrics.mtls.certificateExpiry.child(loaded.configuration.mtls.serviceName)
                .set(files.facts.notAfter * 1_000_000_000)
        } else if identity == nil, workload == nil {
            health.setIdentity(nil)
        }
        if let moment = loaded.settings.oldestRevocationList {
            metrics.mtls.revocationListAge.set(moment * 1_000_000_000)
        } else {
            metrics.mtls.revocationListAge.clear()
        }
    }

    /// Makes the process's own identity, when it is to have one, and has upstreams shown it from the start.
    static func makeIdentity(
        _ loaded: LoadedRouter,
        _ health: HealthState,
        _ metrics: RouterMetrics,
        _ logger: Logger,
        presenting presented: UpstreamIdentityHolder
    ) throws -> ProcessIdentity? {
        let identity = try makeIdentity(loaded, health, metrics, logger)
        identity?.present(by: presented)
        if let files = loaded.settings.presentedIdentity { presented.replace(files.identity) }
        return identity
    }

    /// Follows the Workload API that the process's own identity comes from, when it comes from one.
    static func followWorkloads(
        _ loaded: LoadedRouter,
        _ environment: (String) -> String?,
        _ health: HealthState,
        _ metrics: RouterMetrics,
        _ logger: Logger,
        _ presented: UpstreamIdentityHolder
    ) throws -> WorkloadIdentitySource? {
        let surroundings = WorkloadIdentitySource.Surroundings(health: health, metrics: metrics.mtls, logger: logger)
        return try .follow(loaded.configuration.mtls, environment, presenting: presented, surroundings)
    }

    /// Has upstreams shown the identity of a configuration that comes into force.
    private func present(_ next: ProcessIdentity?, _ loading: LoadedRouter) {
        if identity !== next {
            identity?.withdraw()
            identity = next
            next?.present(by: presented)
        }
        guard next == nil, workload == nil else { return }
        let files = loading.settings.presentedIdentity
        let former = loaded.settings.presentedIdentity
        if files != nil, former != nil,
            files?.identity.identity.certificateChain != former?.identity.identity.certificateChain
        {
            metrics.mtls.certificateRotations.child(loading.configuration.mtls.serviceName, "success").add()
        }
        presented.replace(files?.identity)
    }

    /// Issues the process's own identity, when it is to have one that is not in files.
    static func makeIdentity(
        _ loaded: LoadedRouter,
        _ health: HealthState,
        _ metrics: RouterMetrics,
        _ logger: Logger
    ) throws -> ProcessIdentity? {
        let section = loaded.configuration.mtls
        guard let authority = loaded.settings.authority, let trustDomain = section.trustDomain else { return nil }
        return try ProcessIdentity(
            section,
            trustDomain: trustDomain,
            authority: authority,
            health: health,
            metrics: metrics.mtls,
            logger: logger
        )
    }

    func tellWarnings() {
        for warning in loaded.warnings + loaded.endpoints.problems(in: loaded.router) {
            logger.warning("configuration warning", metadata: ["problem": .string(warning.description)])
        }
    }

    /// Watches these files from now on; what cannot be watched is told, and taken up on SIGHUP.
    func watch(_ files: [String]) {
        for fault in watcher.watch(files) {
            logger.warning("files not watched", metadata: ["reason": .string(fault.description)])
        }
    }
}
