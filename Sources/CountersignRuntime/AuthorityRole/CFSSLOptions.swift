import CountersignAuthority
import CountersignConfiguration
import CountersignHTTPServer
import CountersignTransport

/// Where and how the CFSSL-compatible API is served.
package struct CFSSLOptions: Sendable {
    /// Where it listens.
    var listen: SocketAddress
    /// Whether over TLS.
    var isTLS: Bool
    /// What it lets whom do.
    var settings: CFSSLSettings

    /// The options from the configuration file; nil when the API is not served.
    ///
    /// - Throws: ``ConfigurationRefusal`` for a key file that holds no key, ``SystemError`` for an address that cannot be
    ///   used.
    init?(_ section: AuthoritySection, secrets: SecretMaterial) throws {
        guard let cfssl = section.cfssl else { return nil }
        listen = try SocketAddress(cfssl.listen)
        isTLS = cfssl.isTLS
        settings = CFSSLSettings()
        settings.allowsUnauthenticated = cfssl.allowsUnauthenticated
        let keys = try Self.keys(cfssl, secrets)
        for (name, profile) in section.profiles {
            guard let current = profile.authenticationKey.flatMap({ keys[$0] }) else { continue }
            settings.profileKeys[name] = CFSSLSettings.ProfileKeys(
                current: current,
                previous: profile.previousAuthenticationKey.flatMap { keys[$0] }
            )
        }
    }

    /// Starts serving the API.
    ///
    /// - Parameters:
    ///   - tls: is used where the API is to be served over TLS.
    ///   - limits: bound its connections.
    /// - Throws: ``SystemError`` when the address cannot be listened on.
    func serve(
        engine: AuthorityEngine,
        publisher: RevocationPublisher,
        tls: ServerTLS,
        limits: ConnectionLimits
    ) throws -> HTTPServer {
        let surface = CFSSLSurface(
            engine: engine,
            settings: settings,
            publications: CFSSLPublications(revocationList: { publisher.lists?.full })
        )
        return try HTTPServer(
            name: "cfssl",
            listen: listen,
            tls: isTLS ? tls : nil,
            settings: limits.settings(listener: "cfssl", refused: RefusedPeer.cfssl),
            router: try surface.makeRouter()
        )
    }

    private static func keys(_ section: CFSSLSection, _ secrets: SecretMaterial) throws -> [String: CFSSLKey] {
        var keys: [String: CFSSLKey] = [:]
        var problems: [ConfigurationProblem] = []
        for (name, reference) in section.authenticationKeys {
            guard let secret = secrets[reference] else { continue }
            keys[name] = CFSSLKey(name: name, hexadecimal: secret.reveal())
            guard keys[name] == nil else { continue }
            problems.append(
                ConfigurationProblem(
                    place: reference.place,
                    message: "expected an even number of hexadecimal digits, at least 32"
                )
            )
        }
        guard problems.isEmpty else { throw ConfigurationRefusal(problems: problems) }
        return keys
    }
}
