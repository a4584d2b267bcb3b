import CountersignAuthority
import CountersignConfiguration
import CountersignHTTPServer
import CountersignTelemetry
import CountersignTransport

/// Where and how the Vault-compatible API is served.
struct VaultOptions: Sendable {
    /// Where it listens.
    var listen: SocketAddress
    /// Whether over TLS.
    var isTLS: Bool
    /// How it presents itself.
    var settings: VaultSettings

    /// The options from the configuration file; nil when the API is not served.
    ///
    /// - Throws: ``SystemError`` for an address that cannot be used.
    init?(_ section: AuthoritySection) throws {
        guard let vault = section.vault else { return nil }
        listen = try SocketAddress(vault.listen)
        isTLS = vault.isTLS
        settings = VaultSettings()
        settings.mount = vault.mount
        settings.version = CountersignVersion.current
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
        try HTTPServer(
            name: "vault",
            listen: listen,
            tls: isTLS ? tls : nil,
            settings: limits.settings(listener: "vault", refused: RefusedPeer.vault),
            handler: try VaultSurface(engine: engine, publisher: publisher, settings: settings).makeHandler()
        )
    }
}
