import CountersignConfiguration
import CountersignTransport

/// What of a router's status is told where.
struct StatusPlan: Sendable {
    /// Where `/routes` is answered, and to whom.
    struct Routes: Sendable {
        let address: SocketAddress
        let credentials: BasicCredentials
    }

    /// Where `/health` is answered, in plain text and over TLS.
    let health: SocketAddress?
    let healthTLS: SocketAddress?
    let routes: Routes?

    /// Takes what the section says.
    ///
    /// - Throws: `SystemError` for an address that is none, ``BasicCredentials/Fault`` for an empty password.
    init(_ section: StatusSection, _ secrets: SecretMaterial) throws {
        self.health = try section.listen.map { try SocketAddress($0) }
        self.healthTLS = try section.listenTLS.map { try SocketAddress($0) }
        guard let listen = section.listenRoutes else {
            self.routes = nil
            return
        }
        let password = section.password.flatMap { secrets[$0] } ?? Secret("")
        self.routes = Routes(
            address: try SocketAddress(listen),
            credentials: try BasicCredentials(user: section.user, password: password)
        )
    }

    /// The addresses, which are bound once.
    var addresses: [String?] { [health, healthTLS, routes?.address].map { $0?.description } }
}
