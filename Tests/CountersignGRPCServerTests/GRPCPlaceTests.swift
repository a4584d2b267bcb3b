import CountersignGRPC
import CountersignGRPCClient
import CountersignGRPCServer
import CountersignTesting
import CountersignTransport
import Synchronization
import Testing

/// Who keeps a place in a server, and as whose it is counted.
@Suite struct GRPCPlaceTests {
    private static func server(
        _ folder: ScratchFolder,
        _ settings: GRPCServerSettings,
        _ add: (inout GRPCMethods) -> Void = { _ in }
    ) throws -> (server: GRPCServer, address: SocketAddress) {
        var methods = GRPCMethods()
        methods.add("/t.S/Echo") { call, _ in call.answer([1]) }
        add(&methods)
        let path = "\(folder.path)/s.sock"
        let endpoint = GRPCServer.Endpoint.local(path: path, mode: 0o600)
        let server = try GRPCServer(name: "grpc-test", endpoint: endpoint, settings: settings, methods: methods)
        return (server, try #require(SocketAddress(localPath: path)))
    }

    private static func tight() -> GRPCServerSettings {
        var settings = GRPCServerSettings()
        settings.maximumConnections = 2
        settings.displacement = DisplacementGroup()
        return settings
    }

    @Test func `answers that are not taken give way to calls`() throws {
        let folder = try ScratchFolder()
        let (server, address) = try Self.server(folder, Self.tight())
        defer { server.stop() }
        let callers = try (0..<2).map { _ in try RawGRPCCaller(address) }
        for caller in callers {
            caller.call("/t.S/Echo")
            // The head of the answer; its message waits for a window.
            #expect(try !caller.readFields())
        }
        #expect(try GRPCClientCall("/t.S/Echo", at: address, message: []).next() == [1])
        #expect(throws: RawGRPCCaller.Closed.self) { try callers[0].readFields() }
    }

    @Test func `calls that are not whole give way to calls`() throws {
        let folder = try ScratchFolder()
        let (server, address) = try Self.server(folder, Self.tight())
        defer { server.stop() }
        let callers = try (0..<2).map { _ in try RawGRPCCaller(address) }
        for caller in callers { caller.call("/t.S/Echo", isWhole: false) }
        let calls = try (0..<2).map { _ in
            let call = try GRPCClientCall("/t.S/Echo", at: address, message: [])
            #expect(try call.next() == [1])
            return call
        }
        defer { for call in calls { call.cancel() } }
        for caller in callers { #expect(throws: RawGRPCCaller.Closed.self) { try caller.readFields() } }
    }

    @Test func `calls whose answer is owed keep their places`() throws {
        let held = Mutex<[GRPCCall]>([])
        let arrived = SystemSemaphore()
        let folder = try ScratchFolder()
        let (server, address) = try Self.server(folder, Self.tight()) {
            $0.add("/t.S/Hold") { call, _ in
                held.withLock { $0.append(call) }
                arrived.signal()
            }
        }
        defer { server.stop() }
        let callers = try (0..<2).map { _ in try GRPCClientCall("/t.S/Hold", at: address, message: []) }
        for _ in callers { #expect(arrived.wait(upTo: .seconds(60))) }
        #expect(throws: (any Error).self) { try GRPCClientCall("/t.S/Echo", at: address, message: []).next() }
        for call in held.withLock({ $0 }) { call.answer([9]) }
        for caller in callers { #expect(try caller.next() == [9]) }
    }

    @Test func `a connection that has never called goes before an older one that has, unless it is new`() throws {
        for (newcomer, isNewSpared) in [(Duration.zero, false), (.seconds(3_600), true)] {
            var settings = Self.tight()
            settings.newcomerTime = newcomer
            let folder = try ScratchFolder()
            let (server, address) = try Self.server(folder, settings)
            defer { server.stop() }
            let older = try RawGRPCCaller(address)
            older.call("/t.S/None")
            #expect(try older.readFields())
            let silent = try RawGRPCCaller(address)
            try silent.waitUntilHeard()
            #expect(try GRPCClientCall("/t.S/Echo", at: address, message: []).next() == [1])
            let gone = isNewSpared ? older : silent
            #expect(throws: RawGRPCCaller.Closed.self) { try gone.readFields() }
        }
    }

    @Test func `an answer that is not taken ends, and so does its call`() throws {
        var settings = GRPCServerSettings()
        settings.writeTime = .milliseconds(100)
        let ended = Completion()
        let folder = try ScratchFolder()
        let (server, address) = try Self.server(folder, settings) {
            $0.add("/t.S/Tell") { call, _ in
                call.whenEnded { ended.finish(with: nil) }
                call.answer([1])
            }
        }
        defer { server.stop() }
        let caller = try RawGRPCCaller(address)
        caller.call("/t.S/Tell")
        #expect(try !caller.readFields())
        #expect(try caller.readFields())
        #expect(ended.wait(upTo: .seconds(60)))
        // A call without a message to take is none that waits.
        caller.call("/t.S/None")
        #expect(try caller.readFields())
    }

    @Test func `a connection is counted by the rules that are in force when it calls`() throws {
        let isStranger = Mutex(true)
        let accounts = Mutex<[GRPCAccount]>([])
        var settings = GRPCServerSettings()
        settings.maximumConnectionsPerAccount = 1
        settings.isStranger = { _ in isStranger.withLock { $0 } }
        let folder = try ScratchFolder()
        let (server, address) = try Self.server(folder, settings) {
            $0.add("/t.S/Who") { call, _ in
                if case .local(let peer) = call.peer { accounts.withLock { $0.append(peer.account) } }
                call.finish(.ok)
            }
        }
        defer { server.stop() }
        let caller = try RawGRPCCaller(address)
        caller.call("/t.S/Who")
        #expect(try caller.readFields())
        isStranger.withLock { $0 = false }
        caller.call("/t.S/Who")
        #expect(try caller.readFields())
        let user = try #require(accounts.withLock { $0.last })
        #expect(accounts.withLock { $0.first } == .strangers && user != .strangers)
        // The user has its one connection, and the strangers have theirs back.
        #expect(throws: (any Error).self) { try GRPCClientCall("/t.S/Who", at: address, message: []).next() }
        isStranger.withLock { $0 = true }
        let other = try RawGRPCCaller(address)
        other.call("/t.S/Who")
        #expect(try other.readFields())
    }
}
