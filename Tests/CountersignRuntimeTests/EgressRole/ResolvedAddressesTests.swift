import CountersignPolicy
import CountersignRouter
import CountersignTelemetry
import CountersignTransport
import Glibc
import Logging
import Synchronization
import Testing

@testable import CountersignRuntime

/// What a forward proxy connects to when a name leads to several addresses, or to another one than before.
@Suite struct ResolvedAddressesTests {
    /// Takes every caller for one workload.
    private struct Anybody: LocalCallerSource {
        let workload = LocalWorkload(name: "anybody")

        func caller(from client: SocketAddress, to server: SocketAddress) -> LocalCaller { .workload(workload) }
    }

    /// A forward proxy whose resolver is the test's, and which may reach one address of loopback.
    private final class Proxy {
        let router: Router

        init(admitting destination: String, _ resolve: @escaping @Sendable (String) -> [String]) throws {
            var settings = EgressSettings()
            settings.rules.others = .pass
            settings.rules.allowed = [try Destination(parsing: destination)]
            let registry = MetricsRegistry()
            let snapshot = try settings.makeSnapshot(
                callers: Anybody(),
                metrics: EgressMetrics(registry: registry, shards: 1),
                resolve: { host, port in resolve(host).compactMap { SocketAddress(numericHost: $0, port: port) } }
            )
            router = try Router(
                listen: [try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))],
                workers: 1,
                snapshot: snapshot,
                revoked: RevokedCertificates(),
                metrics: RouterMetrics(registry: registry, shards: 1, version: "test"),
                accessLog: nil,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        }

        deinit {
            _ = router.drain(within: .seconds(5))
        }

        /// What comes back for a GET to a host.
        func answer(_ host: String) throws -> String {
            let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(client) }
            let address = try #require(router.addresses.first)
            #expect(address.withSystemAddress { connect(client, $0, $1) } == 0)
            let request = "GET http://\(host)/ HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"
            _ = request.withCString { send(client, $0, strlen($0), 0) }
            var answer: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = recv(client, &buffer, buffer.count, 0)
                guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
                answer += buffer[..<count]
            }
        }
    }

    /// Listens on an address, and answers one connection after the other.
    private final class Server: Sendable {
        let port: UInt16
        private let listener: Int32

        init(_ host: String) throws {
            let listener = try Socket.listen(on: try #require(SocketAddress(numericHost: host, port: 0)), shared: false)
            self.listener = listener
            port = try #require(Socket.localAddress(of: listener)).port
            _ = fcntl(listener, F_SETFL, 0)
            try spawn(name: "server") {
                while true {
                    let connection = accept(listener, nil, nil)
                    guard connection >= 0 else { return }
                    var buffer = [UInt8](repeating: 0, count: 4096)
                    _ = recv(connection, &buffer, buffer.count, 0)
                    let text = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nhere"
                    _ = text.withCString { send(connection, $0, strlen($0), 0) }
                    close(connection)
                }
            }
        }

        deinit {
            shutdown(listener, Int32(SHUT_RDWR))
            close(listener)
        }
    }

    @Test func onlyAdmittedAddressesOfANameAreConnectedTo() throws {
        let server = try Server("127.0.0.2")
        let proxy = try Proxy(admitting: "127.0.0.2:\(server.port)") { _ in
            ["169.254.169.254", "127.0.0.1", "127.0.0.2"]
        }
        #expect(try proxy.answer("mixed.example:\(server.port)").hasSuffix("here"))
        withExtendedLifetime(server) {}
    }

    @Test func aNameThatLeadsToReservedAddressesAloneIsRefused() throws {
        let server = try Server("127.0.0.2")
        let proxy = try Proxy(admitting: "127.0.0.2:\(server.port)") { host in
            host == "good.example" ? ["127.0.0.2"] : ["169.254.169.254", "127.0.0.1"]
        }
        #expect(try proxy.answer("good.example:\(server.port)").hasSuffix("here"))
        let refused = try proxy.answer("rebound.example:\(server.port)")
        #expect(refused.hasPrefix("HTTP/1.1 403") && refused.contains("address_denied"))
        withExtendedLifetime(server) {}
    }

    @Test func aNameThatLeadsNowhereIsToldSo() throws {
        let proxy = try Proxy(admitting: "127.0.0.2:80") { _ in [] }
        let answer = try proxy.answer("absent.example")
        #expect(answer.hasPrefix("HTTP/1.1 502") && answer.contains("unknown_host"))
    }
}
