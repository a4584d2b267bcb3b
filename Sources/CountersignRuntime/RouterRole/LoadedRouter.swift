package import CountersignConfiguration
package import CountersignRouter
import CountersignRouting
import CountersignTLS

/// A router's configuration that was found good in every respect, and what it makes.
package struct LoadedRouter: Sendable {
    package let configuration: Configuration
    package let router: RouterSection
    package let snapshot: RouterSnapshot
    package let settings: RouterSettings
    package let warnings: [ConfigurationProblem]
    /// The files that the configuration consists of; a change of one of them is a reason to load again.
    package let files: [String]

    /// Loads a file for the router role, certificates and lists included.
    ///
    /// - Parameter revoked: what the snapshot's verifiers ask beside the lists.
    /// - Throws: ``ConfigurationRefusal`` with every problem.
    package static func load(
        path: String,
        loader: ConfigurationLoader,
        revoked: RevokedCertificates,
        now: Int64
    ) throws -> LoadedRouter {
        var settings: RouterSettings?
        let result = loader.load(path: path, role: .router) { configuration, pems in
            let (made, problems) = RouterSettings.verified(configuration, pems, now: now)
            settings = made
            return problems
        }
        guard let configuration = result.configuration, let router = configuration.router, let settings else {
            throw ConfigurationRefusal(problems: result.problems)
        }
        do {
            return LoadedRouter(
                configuration: configuration,
                router: router,
                snapshot: try settings.makeSnapshot(revoked: revoked),
                settings: settings,
                warnings: result.warnings,
                files: [path] + Self.files(of: router)
            )
        } catch {
            throw ConfigurationRefusal(problems: [ConfigurationProblem(place: router.place, message: "\(error)")])
        }
    }

    private static func files(of router: RouterSection) -> [String] {
        let shown = router.tls.certificates + [router.revocation?.certificate].compactMap(\.self)
        let certificates = shown.flatMap { [$0.chain, $0.privateKey] }
        let lists = router.domains.flatMap { domain in
            domain.clientAuthorities + domain.trustDomains.flatMap(\.authorities) + domain.revocationLists
        }
        return (certificates + lists + (router.revocation?.authorities ?? [])).compactMap { reference in
            if case .path(let path) = reference.source { path } else { nil }
        }
    }
}

/// A configuration that is not used, and all that is wrong with it.
package struct ConfigurationRefusal: Error, CustomStringConvertible {
    package let problems: [ConfigurationProblem]

    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
