import CountersignTransport
import Glibc
import Testing

@Suite struct LocalConnectionTests {
    /// A connection over loopback, both ends of it in this process.
    private final class Pair {
        let listener: Int32
        let client: Int32
        let clientAddress: SocketAddress
        let serverAddress: SocketAddress

        init(_ host: String) throws {
            let wanted = try #require(SocketAddress(numericHost: host, port: 0))
            listener = try Socket.listen(on: wanted, shared: false)
            serverAddress = try #require(Socket.localAddress(of: listener))
            client = try Socket.connect(to: serverAddress)
            clientAddress = try #require(Socket.localAddress(of: client))
            var query = pollfd(fd: client, events: Int16(POLLOUT), revents: 0)
            #expect(poll(&query, 1, 5000) == 1)
        }

        deinit {
            close(client)
            close(listener)
        }

        var inode: UInt64 {
            var facts = stat()
            fstat(client, &facts)
            return UInt64(facts.st_ino)
        }
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func theSocketOfAClientIsFound(host: String) throws {
        let pair = try Pair(host)
        let found = try LocalConnection(from: pair.clientAddress, to: pair.serverAddress)
        #expect(found.userID == geteuid())
        #expect(UInt64(found.inode) == pair.inode)
        let holders = SocketHolders(ofInode: found.inode, madeBy: geteuid())
        #expect(holders.processIDs.contains(getpid()))
        #expect(SocketHolders.holds(getpid(), inode: found.inode))
    }

    @Test func aConnectionThatThereIsNotIsAbsent() throws {
        let pair = try Pair("127.0.0.1")
        let other = try #require(SocketAddress(numericHost: "127.0.0.1", port: 1))
        #expect(throws: LocalConnection.Fault.absent) { try LocalConnection(from: other, to: pair.serverAddress) }
        // The address of a listener is that of no connection.
        #expect(throws: LocalConnection.Fault.absent) { try LocalConnection(from: pair.serverAddress, to: other) }
        let mixed = try #require(SocketAddress(numericHost: "::1", port: 1))
        #expect(throws: LocalConnection.Fault.absent) { try LocalConnection(from: mixed, to: pair.serverAddress) }
    }

    /// Opens descriptors that stay open until they are closed.
    private func descriptors(_ count: Int) throws -> [Int32] {
        try (0..<count).map { _ in
            let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
            try #require(descriptor >= 0)
            return descriptor
        }
    }

    @Test func ofAnotherUsersProcessTheLowestAndTheHighestDescriptorsAreLookedAt() throws {
        _ = DescriptorLimit.raise()
        let low = try descriptors(1_300)
        let hidden = try Pair("127.0.0.1")
        let high = try descriptors(1_300)
        let last = try Pair("127.0.0.1")
        defer { for descriptor in low + high { close(descriptor) } }
        func holders(of pair: Pair, _ user: UInt32) throws -> SocketHolders {
            let found = try LocalConnection(from: pair.clientAddress, to: pair.serverAddress)
            return SocketHolders(ofInode: found.inode, madeBy: user)
        }
        let (own, other) = (geteuid(), geteuid() + 1)
        #expect(try holders(of: last, other).processIDs.contains(getpid()))
        let partial = try holders(of: hidden, other)
        #expect(!partial.processIDs.contains(getpid()) && partial.isPartial && partial.failure == nil)
        #expect(try holders(of: hidden, own).processIDs.contains(getpid()), "all that the user has is looked at")
    }

    @Test func aSocketThatNobodyHoldsHasNoHolders() {
        #expect(SocketHolders(ofInode: 0, madeBy: 0).processIDs.isEmpty)
        #expect(!SocketHolders.holds(getpid(), inode: 0))
    }

    @Test func credentialsAreTheEffectiveOnes() throws {
        let own = try #require(ProcessCredentials(of: getpid()))
        #expect(own.userID == geteuid() && own.groupID == getegid())
        #expect(ProcessCredentials(of: 0) == nil)
        let text = "Name:\tx\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\n"
        let read = try #require(ProcessCredentials(status: text))
        #expect((read.userID, read.groupID) == (2, 6))
        #expect(ProcessCredentials(status: "Uid:\t1\t2\t3\t4\n") == nil)
        #expect(ProcessCredentials(status: "Uid:\t1\nGid:\t5\t6\t7\t8\n") == nil)
    }

    @Test func aProcessIsHeldByItsNumber() throws {
        let own = try #require(ProcessHandle(processID: getpid()))
        #expect(own.isAlive)
        #expect(ProcessHandle(processID: -1) == nil)
    }
}
