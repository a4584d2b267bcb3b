import CountersignGRPC
import CountersignGRPCClient
import CountersignGRPCServer
import CountersignTesting
import CountersignTransport
import Glibc
import Synchronization
import Testing

/// A server on a Unix socket, and calls to it by the client of the same kind; other clients call it in the black-box tests.
@Suite struct GRPCServerTests {
    private static func server(
        _ folder: ScratchFolder,
        settings: GRPCServerSettings = GRPCServerSettings(),
        _ add: (inout GRPCMethods) -> Void
    ) throws -> (server: GRPCServer, address: SocketAddress) {
        var methods = GRPCMethods()
        add(&methods)
        let path = "\(folder.path)/s.sock"
        let server = try GRPCServer(
            name: "grpc-test",
            endpoint: .local(path: path, mode: 0o600),
            settings: settings,
            methods: methods
        )
        return (server, try #require(SocketAddress(localPath: path)))
    }

    private static func status(_ body: () throws -> Void) -> GRPCStatus? {
        do {
            try body()
            return nil
        } catch {
            return error as? GRPCStatus
        }
    }

    @Test func `answers one message with one`() throws {
        let folder = try ScratchFolder()
        let (server, address) = try Self.server(folder) {
            $0.add("/t.S/Echo") { call, message in call.answer(message) }
        }
        defer { server.stop() }
        let call = try GRPCClientCall("/t.S/Echo", at: address, message: [1, 2, 3])
        #expect(try call.next() == [1, 2, 3])
        #expect(try call.next() == nil)
    }

    @Test func `streams messages that are larger than all windows`() throws {
        let folder = try ScratchFolder()
        let (server, address) = try Self.server(folder) {
            $0.add("/t.S/Many") { call, _ in
                for index in 0..<3 { call.send([UInt8](repeating: UInt8(index), count: 1_000_000)) }
                call.finish(.ok)
            }
        }
        defer { server.stop() }
        let call = try GRPCClientCall("/t.S/Many", at: address, message: [])
        for index in 0..<3 { #expect(try call.next() == [UInt8](repeating: UInt8(index), count: 1_000_000)) }
        #expect(try call.next() == nil)
    }

    @Test func `takes a message that is larger than all windows`() throws {
        let folder = try ScratchFolder()
        let (server, address) = try Self.server(folder) {
            $0.add("/t.S/Count") { call, message in call.answer([UInt8(message.count / 100_000)]) }
        }
        defer { server.stop() }
        let call = try GRPCClientCall("/t.S/Count", at: address, message: [UInt8](repeating: 1, count: 900_000))
        #expect(try call.next() == [9])
    }

    @Test func `refuses a message that is too large`() throws {
        let folder = try ScratchFolder()
        var settings = GRPCServerSettings()
        settings.maximumMessage = 10
        let (server, address) = try Self.server(folder, settings: settings) {
            $0.add("/t.S/Echo") { call, message in call.answer(message) }
        }
        defer { server.stop() }
        let call = try GRPCClientCall("/t.S/Echo", at: address, message: [UInt8](repeating: 1, count: 11))
        #expect(Self.status { _ = try call.next() }?.code == .resourceExhausted)
    }

    @Test func `tells of a method that is not there`() throws {
        let folder = try ScratchFolder()
        let (server, address) = try Self.server(folder) { _ in }
        defer { server.stop() }
        let call = try GRPCClientCall("/t.S/None", at: address, message: [])
        let status = Self.status { _ = try call.next() }
        #expect(status == GRPCStatus(.unimplemented, "there is no method /t.S/None"))
    }

    @Test func `ends a call that nobody holds`() throws {
        let folder = try ScratchFolder()
        let (server, address) = try Self.server(folder) { $0.add("/t.S/Drop") { _, _ in } }
        defer { server.stop() }
        let call = try GRPCClientCall("/t.S/Drop", at: address, message: [])
        #expect(Self.status { _ = try call.next() }?.code == .internalError)
    }

    @Test func `tells its method who is calling`() throws {
        let folder = try ScratchFolder()
        let (server, address) = try Self.server(folder) {
            $0.add("/t.S/Who") { call, _ in
                guard case .local(let peer) = call.peer else { return }
                let isSelf = peer.credentials.processID == getpid() && peer.credentials.userID == getuid()
                call.answer([isSelf && (peer.process?.isAlive ?? true) ? 1 : 0])
            }
        }
        defer { server.stop() }
        let call = try GRPCClientCall("/t.S/Who", at: address, message: [])
        #expect(try call.next() == [1])
    }

    @Test func `lets no user have more connections than there may be, and others after them`() throws {
        let folder = try ScratchFolder()
        var settings = GRPCServerSettings()
        settings.maximumConnectionsPerAccount = 2
        let (server, address) = try Self.server(folder, settings: settings) {
            $0.add("/t.S/Echo") { call, message in call.answer(message) }
            $0.add("/t.S/Watch") { call, _ in
                call.send([1])
                call.whenEnded { _ = call }
            }
        }
        defer { server.stop() }
        var open = [try GRPCClientCall("/t.S/Watch", at: address, message: [])]
        open.append(try GRPCClientCall("/t.S/Watch", at: address, message: []))
        for call in open { #expect(try call.next() == [1]) }
        let refused = Self.status { _ = try GRPCClientCall("/t.S/Echo", at: address, message: [1]).next() }
        #expect(refused?.code == .unavailable)
        open.removeLast()
        // The server hears of the end in its own time.
        let isServed = (0..<1000).contains { _ in
            (try? GRPCClientCall("/t.S/Echo", at: address, message: [1]).next()) == [1]
        }
        #expect(isServed)
    }

    @Test func `tells of the end of every call, answered or dropped`() throws {
        let folder = try ScratchFolder()
        let open = Mutex(0)
        let (server, address) = try Self.server(folder) {
            for path in ["/t.S/Answer", "/t.S/Drop"] {
                $0.add(path) { call, message in
                    open.withLock { $0 += 1 }
                    call.whenEnded { open.withLock { $0 -= 1 } }
                    if path == "/t.S/Answer" { call.answer(message) }
                }
            }
        }
        for _ in 0..<20 {
            #expect(try GRPCClientCall("/t.S/Answer", at: address, message: [1]).next() == [1])
            let dropped = Self.status { _ = try GRPCClientCall("/t.S/Drop", at: address, message: []).next() }
            #expect(dropped?.code == .internalError)
        }
        server.stop()
        #expect(open.withLock { $0 } == 0)
    }

    @Test func `tells its method that the caller is gone`() throws {
        let folder = try ScratchFolder()
        let ended = Completion()
        let kept = Mutex<GRPCCall?>(nil)
        let (server, address) = try Self.server(folder) {
            $0.add("/t.S/Watch") { call, _ in
                call.whenEnded { ended.finish(with: nil) }
                call.send([1])
                kept.withLock { $0 = call }
            }
        }
        defer { server.stop() }
        let call = try GRPCClientCall("/t.S/Watch", at: address, message: [])
        #expect(try call.next() == [1])
        call.cancel()
        #expect(ended.wait() == nil)
        #expect(Self.status { _ = try call.next() }?.code == .cancelled)
    }

    @Test func `ends a call whose caller waits no longer`() throws {
        let folder = try ScratchFolder()
        let ended = Completion()
        let kept = Mutex<GRPCCall?>(nil)
        let (server, address) = try Self.server(folder) {
            $0.add("/t.S/Hang") { call, _ in
                call.whenEnded { ended.finish(with: nil) }
                kept.withLock { $0 = call }
            }
        }
        defer { server.stop() }
        let call = try GRPCClientCall("/t.S/Hang", at: address, message: [], timeout: .seconds(1))
        #expect(Self.status { _ = try call.next() }?.code == .deadlineExceeded)
        #expect(ended.wait() == nil)
    }

    @Test func `cuts a caller that does not read`() throws {
        let folder = try ScratchFolder()
        var settings = GRPCServerSettings()
        settings.maximumWaiting = 2_000_000
        let (server, address) = try Self.server(folder, settings: settings) {
            $0.add("/t.S/Flood") { call, _ in
                for _ in 0..<5 { call.send([UInt8](repeating: 0, count: 1_000_000)) }
            }
        }
        defer { server.stop() }
        let call = try GRPCClientCall("/t.S/Flood", at: address, message: [])
        let status = Self.status { while try call.next() != nil {} }
        #expect(status?.code == .resourceExhausted)
    }

    @Test func `lets calls in hand end when it stops`() throws {
        let folder = try ScratchFolder()
        let arrived = Completion()
        let kept = Mutex<GRPCCall?>(nil)
        let (server, address) = try Self.server(folder) {
            $0.add("/t.S/Slow") { call, _ in
                kept.withLock { $0 = call }
                arrived.finish(with: nil)
            }
        }
        let call = try GRPCClientCall("/t.S/Slow", at: address, message: [])
        _ = arrived.wait()
        let stopped = Completion()
        try spawn(name: "stop") {
            server.stop(within: .seconds(30))
            stopped.finish(with: nil)
        }
        kept.withLock { $0?.answer([9]) }
        #expect(try call.next() == [9])
        #expect(stopped.wait() == nil)
        #expect(
            Self.status { _ = try GRPCClientCall("/t.S/Slow", at: address, message: []).next() }?.code == .unavailable
        )
    }

    @Test func `takes the place of a socket that nobody listens on`() throws {
        let folder = try ScratchFolder()
        let path = "\(folder.path)/s.sock"
        let left = try LocalSocket.listen(at: path, mode: 0o600)
        Socket.close(left)
        let (server, address) = try Self.server(folder) {
            $0.add("/t.S/Echo") { call, message in call.answer(message) }
        }
        defer { server.stop() }
        #expect(try GRPCClientCall("/t.S/Echo", at: address, message: [1]).next() == [1])
        #expect(throws: SystemError.self) { try LocalSocket.listen(at: path, mode: 0o600) }
    }

    @Test func `makes a socket with the rights that were asked for`() throws {
        let folder = try ScratchFolder()
        let (server, address) = try Self.server(folder) { _ in }
        var facts = stat()
        #expect(lstat(address.host, &facts) == 0)
        #expect(facts.st_mode & 0o777 == 0o600)
        server.stop()
        #expect(lstat(address.host, &facts) != 0)
    }
}
