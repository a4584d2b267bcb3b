import CountersignIdentity
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

        func owner(from client: SocketAddress, to server: SocketAddress) throws(LocalCallerRefusal) -> LocalConnection {
            do throws(LocalConnection.Fault) {
                return try LocalConnection(from: client, to: server)
            } catch {
                throw LocalCallerRefusal("caller_absent", "\(error)")
            }
        }

        func refusal(ofUser userID: UInt32) -> LocalCallerRefusal? { nil }

        func caller(_ owner: LocalConnection, from client: SocketAddress, to server: SocketAddress) -> LocalCaller {
            .workload(workload)
        }
    }

    /// A forward proxy whose resolver is the test's, and which may reach one address of loopback.
    private final class Proxy {
        let router: Router

        init(
            admitting destination: String? = nil,
            own: [String] = [],
            routers: [String] = [],
            within limit: Duration = .seconds(5),
            _ resolve: @escaping @Sendable (String) -> [String]
        ) throws {
            var settings = EgressSettings()
            settings.rules.others = .pass
            settings.rules.allowed = try [destination].compactMap(\.self).map(Destination.init(parsing:))
            settings.timeouts.connect = limit
            settings.routers = routers.compactMap { SocketAddress(numericHost: $0, port: 80) }
            let addresses = try own.map(IPAddress.init(parsing:))
            let registry = MetricsRegistry()
            let snapshot = try settings.makeSnapshot(
                callers: Anybody(),
                metrics: EgressMetrics(registry: registry, shards: 1),
                work: EgressWork(names: .init(threads: 2, share: 1, backlog: 1)),
                ownAddresses: OwnAddresses { addresses },
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
                // By the thread that uses it: its number may be another test's right after.
                defer { close(listener) }
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

    @Test(arguments: ["192.0.2.9", "64:ff9b::192.0.2.9"])
    func aNameThatLeadsToTheHostItselfIsRefused(address: String) throws {
        let proxy = try Proxy(own: ["127.0.0.1", "192.0.2.9"]) { _ in [address] }
        let refused = try proxy.answer("myself.example")
        #expect(refused.hasPrefix("HTTP/1.1 403") && refused.contains("address_denied"))
        #expect(refused.contains("this host"))
    }

    @Test(arguments: ["192.0.2.9", "64:ff9b::192.0.2.9"])
    func theNumberOfARouterIsNoWayAroundTheNamesOfDomains(address: String) throws {
        let proxy = try Proxy(routers: ["192.0.2.9"]) { _ in [address] }
        let refused = try proxy.answer("router.example")
        #expect(refused.hasPrefix("HTTP/1.1 403") && refused.contains("address_denied"))
        #expect(refused.contains("egress.routers"))
    }

    @Test func theHostItselfIsReachedWhereAListNamesItByNumber() throws {
        let server = try Server("127.0.0.2")
        let proxy = try Proxy(admitting: "127.0.0.2:\(server.port)", own: ["127.0.0.2"]) { _ in ["127.0.0.2"] }
        #expect(try proxy.answer("myself.example:\(server.port)").hasSuffix("here"))
        withExtendedLifetime(server) {}
    }

    @Test func aResolverThatDoesNotAnswerIsNotWaitedForForever() throws {
        let server = try Server("127.0.0.2")
        let (asked, release, done) = (SystemSemaphore(), SystemSemaphore(), SystemSemaphore())
        let proxy = try Proxy(admitting: "127.0.0.2:\(server.port)", within: .seconds(1)) { host in
            guard host == "slow.example" else { return ["127.0.0.2"] }
            asked.signal()
            release.wait()
            done.signal()
            return ["127.0.0.2"]
        }
        let late = try proxy.answer("slow.example:\(server.port)")
        #expect(late.hasPrefix("HTTP/1.1 504") && late.contains("resolver_timeout"))
        #expect(asked.wait(upTo: .seconds(60)))
        // The name is under way yet, and one is all that the workload may have here.
        let refused = try proxy.answer("quick.example:\(server.port)")
        #expect(refused.hasPrefix("HTTP/1.1 503") && refused.contains("too_many_names"))
        #expect(refused.contains("Retry-After: 1\r\n"))
        #expect(try proxy.answer("127.0.0.2:\(server.port)").hasSuffix("here"), "a number needs no resolver")
        release.signal()
        #expect(done.wait(upTo: .seconds(60)))
        withExtendedLifetime(server) {}
    }

    @Test func aNameThatLeadsNowhereIsToldSo() throws {
        let proxy = try Proxy(admitting: "127.0.0.2:80") { _ in [] }
        let answer = try proxy.answer("absent.example")
        #expect(answer.hasPrefix("HTTP/1.1 502") && answer.contains("unknown_host"))
    }
}
