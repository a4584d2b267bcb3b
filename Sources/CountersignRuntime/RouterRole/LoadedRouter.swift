package import CountersignConfiguration
package import CountersignRouter
package import CountersignRouting
import CountersignTLS

/// A router's configuration that was found good in every respect, and what it makes.
package struct LoadedRouter: Sendable {
    package let configuration: Configuration
    package let router: RouterSection
    package var snapshot: RouterSnapshot
    /// The addresses that the snapshot's routes have.
    package var endpoints: EndpointAddresses
    package let settings: RouterSettings
    package let warnings: [ConfigurationProblem]
    /// What was read; a change of it is a reason to load again.
    package let sources: ConfigurationSources

    /// Loads a file for the router role, certificates and lists included.
    ///
    /// What `previous` has and the file does not change is taken over, with its TLS sessions and verified chains.
    ///
    /// - Parameters:
    ///   - path: the configuration file.
    ///   - environment: the values of variables that override the file.
    ///   - revoked: what the snapshot's verifiers ask beside the lists.
    ///   - now: the current time in Unix seconds.
    ///   - previous: what is in use, where there is something.
    ///   - resolve: gives the routes the addresses that are known of their endpoints' names; without it, none are.
    /// - Throws: ``ConfigurationRefusal`` with every problem.
    package static func load(
        path: String,
        environment: @escaping @Sendable (String) -> String?,
        revoked: RevokedCertificates,
        now: Int64,
        reusing previous: LoadedRouter? = nil,
        resolving resolve: ([RouteDefinition]) throws -> EndpointAddresses = {
            EndpointAddresses(resolving: $0) { _ in [] }
        }
    ) throws -> LoadedRouter {
        let reader = RecordingFileReader()
        let loader = ConfigurationLoader(environment: environment, fileReader: reader)
        var settings: RouterSettings?
        let result = loader.load(path: path, role: .router) { configuration, pems in
            let (made, problems) = RouterSettings.verified(configuration, pems, now: now)
            settings = made
            return problems
        }
        if let section = result.configuration?.nats, settings != nil {
            settings?.bus = try? RouteBusPlan.read(section, result.pems, result.secrets, now)
            settings?.bus?.rules.emptyPoolTimeout = result.configuration?.router?.emptyPoolTimeout
        }
        let sources = ConfigurationSources(files: reader.paths, digest: reader.digest)
        guard let configuration = result.configuration, let router = configuration.router, var settings else {
            throw ConfigurationRefusal(problems: result.problems, sources: sources)
        }
        settings.keepAuthority(of: previous?.settings)
        if let section = router.status {
            do {
                settings.status = try StatusPlan(section, result.secrets)
            } catch {
                let problem = ConfigurationProblem(place: section.place, message: "\(error)")
                throw ConfigurationRefusal(problems: [problem], sources: sources)
            }
        }
        let endpoints = try resolve(settings.routes)
        do {
            return LoadedRouter(
                configuration: configuration,
                router: router,
                snapshot: try settings.makeSnapshot(revoked: revoked, endpoints: endpoints, reusing: previous),
                endpoints: endpoints,
                settings: settings,
                warnings: result.warnings,
                sources: sources
            )
        } catch {
            let problem = ConfigurationProblem(place: router.place, message: "\(error)")
            throw ConfigurationRefusal(problems: [problem], sources: sources)
        }
    }

    /// Takes over where names lead now.
    mutating func take(_ endpoints: EndpointAddresses, revoked: RevokedCertificates) throws {
        snapshot = try settings.makeSnapshot(revoked: revoked, endpoints: endpoints, reusing: self)
        self.endpoints = endpoints
    }
}

/// What a configuration was made from.
package struct ConfigurationSources: Sendable, Equatable {
    /// The configuration file and all that it names.
    package var files: [String]
    /// A digest over what the files hold and who may read them.
    package var digest: [UInt8]
}

/// A configuration that is not used, and all that is wrong with it.
package struct ConfigurationRefusal: Error, CustomStringConvertible {
    package let problems: [ConfigurationProblem]
    /// What was read; a change of it is a reason to try again.
    package var sources = ConfigurationSources(files: [], digest: [])

    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
