package import CountersignAuthority
package import CountersignConfiguration
import CountersignIssuance
import CountersignPKI

/// An authority's configuration that was found good in every respect, and what it makes.
package struct LoadedAuthority: Sendable {
    package let configuration: Configuration
    package let section: AuthoritySection
    package let settings: AuthoritySettings
    package let issuer: AuthorityIssuer
    /// The CFSSL-compatible API; nil when it is not served.
    package let cfssl: CFSSLOptions?
    package let warnings: [ConfigurationProblem]

    /// Loads a file for the authority role, the intermediate certificate and its key included.
    ///
    /// - Throws: ``ConfigurationRefusal`` with every problem.
    package static func load(path: String, loader: ConfigurationLoader, now: Int64) throws -> LoadedAuthority {
        var made: (AuthoritySettings, AuthorityIssuer)?
        let result = loader.load(path: path, role: .authority) { configuration, pems in
            guard let section = configuration.authority else { return [] }
            var problems: [ConfigurationProblem] = []
            let issuer = AuthorityMaterial.issuer(section, pems, now: now, &problems)
            do {
                var settings = try AuthoritySettings(section)
                settings.offlineRevocationLists = AuthorityMaterial.offlineLists(section, pems, now: now, &problems)
                if let issuer { made = (settings, issuer) }
            } catch {
                problems.append(ConfigurationProblem(place: section.place, message: "\(error)"))
            }
            return problems
        }
        guard let configuration = result.configuration, let section = configuration.authority, let made else {
            throw ConfigurationRefusal(problems: result.problems)
        }
        return LoadedAuthority(
            configuration: configuration,
            section: section,
            settings: made.0,
            issuer: try made.1.with(section.signer, of: section, result.pems, result.secrets, now: now),
            cfssl: try CFSSLOptions(section, secrets: result.secrets),
            warnings: result.warnings
        )
    }
}
