import ArgumentParser
import GRPCCore
import GRPCNIOTransportHTTP2Posix

/// Serves on a loopback port of the system's choice until it is ended.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serves test.Echo on loopback.")

    @OptionGroup var identity: IdentityOptions

    func run() async throws {
        let events = Events()
        let transport = HTTP2ServerTransport.Posix(
            address: .ipv4(host: "127.0.0.1", port: 0),
            transportSecurity: identity.server
        )
        let server = GRPCServer(transport: transport, services: [EchoService(events: events)])
        try await withThrowingTaskGroup { group in
            group.addTask { try await server.serve() }
            let address = try await transport.listeningAddress
            events.tell(ServiceEvent(event: "listening", port: address.ipv4?.port))
            try await group.waitForAll()
        }
    }
}
