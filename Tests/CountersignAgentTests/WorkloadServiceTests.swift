import CountersignAgent
import CountersignGRPC
import CountersignGRPCClient
import CountersignGRPCServer
import CountersignPKI
import CountersignTelemetry
import CountersignTesting
import CountersignTransport
import CountersignWorkload
import Glibc
import Logging
import Synchronization
import Testing

/// The Workload API over a real socket, with this process as its caller; other callers are in the black-box tests.
@Suite struct WorkloadServiceTests {
    private static let own = WorkloadRule(service: "user-svc", userID: getuid(), groupID: nil, path: nil, sha256: nil)

    private struct Served {
        let service: WorkloadService
        let server: GRPCServer
        let address: SocketAddress

        func call(_ method: String, header: [(name: String, value: String)]? = nil) throws(GRPCStatus) -> GRPCClientCall
        {
            let fields = header ?? [(name: WorkloadMethod.securityField, value: "true")]
            return try GRPCClientCall(method, at: address, fields: fields, message: [])
        }
    }

    private static func serve(_ folder: ScratchFolder, rules: [WorkloadRule]) throws -> Served {
        let service = WorkloadService(
            rules: rules,
            tokens: nil,
            metrics: WorkloadMetrics(registry: MetricsRegistry()),
            logger: Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() },
            clock: { 1_800_000_000_000 }
        )
        let path = "\(folder.path)/w.sock"
        let server = try GRPCServer(
            name: "workload-test",
            endpoint: .local(path: path, mode: 0o600),
            methods: service.methods
        )
        return Served(service: service, server: server, address: try #require(SocketAddress(localPath: path)))
    }

    private static func status(_ body: () throws -> Void) -> GRPCStatus? {
        do {
            try body()
            return nil
        } catch {
            return error as? GRPCStatus
        }
    }

    @Test func `gives what the agent has, and tells of changes alone`() throws {
        let world = try AgentWorld()
        let served = try Self.serve(world.folder, rules: [try #require(Self.own)])
        defer { served.server.stop() }
        world.publish(to: { served.service.publish($0) })
        world.settle()
        let call = try served.call(WorkloadMethod.fetchX509SVID)
        let first = try X509SVIDResponse(parsing: try #require(try call.next()))
        let leaf = try #require(try world.certificate())
        #expect(first.svids.count == 1 && first.svids[0].certificates.starts(with: leaf.der))
        #expect(first.svids[0].spiffeID == "spiffe://link.internal/ns/default/sa/user-svc")
        served.service.use([try #require(Self.own)])
        world.run(seconds: 2000)
        let second = try X509SVIDResponse(parsing: try #require(try call.next()))
        #expect(second.svids[0].certificates != first.svids[0].certificates)
    }

    @Test func `refuses who does not say the header, and who is nobody`() throws {
        let folder = try ScratchFolder()
        let other = WorkloadRule(service: "user-svc", userID: getuid() + 1, groupID: nil, path: nil, sha256: nil)
        let served = try Self.serve(folder, rules: [try #require(other)])
        defer { served.server.stop() }
        served.service.publish(WorkloadHoldings())
        let bare = Self.status { _ = try served.call(WorkloadMethod.fetchX509SVID, header: []).next() }
        #expect(bare == GRPCStatus(.invalidArgument, "security header missing from request"))
        let nobody = Self.status { _ = try served.call(WorkloadMethod.fetchX509SVID).next() }
        #expect(nobody == GRPCStatus(.permissionDenied, "no identity issued"))
        let unknown = Self.status { _ = try served.call(WorkloadMethod.fetchWITSVID).next() }
        #expect(unknown?.code == .unimplemented)
        let bareToo = Self.status { _ = try served.call(WorkloadMethod.fetchWITSVID, header: []).next() }
        #expect(bareToo == GRPCStatus(.invalidArgument, "security header missing from request"))
        #expect(unknown?.description == "UNIMPLEMENTED: WIT-SVIDs are not issued")
    }

    @Test func `says so where an answer is larger than clients take`() throws {
        let world = try AgentWorld()
        let served = try Self.serve(world.folder, rules: [try #require(Self.own)])
        defer { served.server.stop() }
        let given = Received()
        world.publish(to: { given.take($0) })
        world.settle()
        var holdings = try #require(given.last)
        for method in [WorkloadMethod.fetchX509SVID, WorkloadMethod.fetchX509Bundles] {
            holdings.revocationLists = [[UInt8](repeating: 0x30, count: WorkloadService.maximumAnswer - 65_536)]
            served.service.publish(holdings)
            #expect(try served.call(method).next()?.count ?? 0 > WorkloadService.maximumAnswer - 65_536)
            holdings.revocationLists = [[UInt8](repeating: 0x30, count: WorkloadService.maximumAnswer)]
            served.service.publish(holdings)
            let status = Self.status { _ = try served.call(method).next() }
            #expect(status?.code == .resourceExhausted && status?.message.contains("revocation lists") ?? false)
        }
    }

    @Test func `tells to wait before there is anything`() throws {
        let folder = try ScratchFolder()
        let served = try Self.serve(folder, rules: [try #require(Self.own)])
        defer { served.server.stop() }
        #expect(Self.status { _ = try served.call(WorkloadMethod.fetchX509SVID).next() }?.code == .unavailable)
        var holdings = WorkloadHoldings()
        served.service.publish(holdings)
        #expect(Self.status { _ = try served.call(WorkloadMethod.fetchX509SVID).next() }?.code == .unavailable)
        holdings.services["user-svc"] = .pending
        served.service.publish(holdings)
        #expect(Self.status { _ = try served.call(WorkloadMethod.fetchX509Bundles).next() }?.code == .unavailable)
        holdings.services["user-svc"] = .withdrawn
        served.service.publish(holdings)
        #expect(Self.status { _ = try served.call(WorkloadMethod.fetchX509SVID).next() }?.code == .permissionDenied)
    }
}
