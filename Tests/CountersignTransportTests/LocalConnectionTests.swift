import CountersignTransport
import Glibc
import Testing

/// One by one: what one of them opens would be another's to look at.
@Suite(.serialized) struct LocalConnectionTests {
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
            #expect(poll(&query, 1, 60_000) == 1)
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
        var holders = try SocketHolders(ofInode: found.inode, madeBy: geteuid())
        let own = try #require(holders.holders.first { $0.processID == getpid() })
        #expect(own.descriptor == pair.client)
        #expect(try holders.stillHas(own))
    }

    @Test func aProcessHoldsASocketAsAnyDescriptor() throws {
        let pair = try Pair("127.0.0.1")
        let found = try LocalConnection(from: pair.clientAddress, to: pair.serverAddress)
        let copy = dup(pair.client)
        let extra = dup(pair.client)
        defer { close(copy) }
        var holders = try SocketHolders(ofInode: found.inode, madeBy: geteuid())
        #expect(try holders.stillHas(.init(processID: getpid(), descriptor: extra)))
        close(extra)
        #expect(try holders.stillHas(.init(processID: getpid(), descriptor: extra)), "by what it has beside")
        let other = try Pair("127.0.0.1")
        let parted = try LocalConnection(from: other.clientAddress, to: other.serverAddress)
        var others = try SocketHolders(ofInode: parted.inode, madeBy: geteuid())
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(null) }
        #expect(dup2(null, other.client) == other.client)
        #expect(try !others.stillHas(.init(processID: getpid(), descriptor: other.client)))
    }

    @Test func aUserWithMoreOpenThanALookUpGoesThroughIsNotLookedUp() throws {
        let low = try descriptors(300)
        let pair = try Pair("127.0.0.1")
        // Above it as well: of a process with more than the bound, the lowest and the highest ones are looked at first.
        let high = try descriptors(300)
        defer { for descriptor in low + high { close(descriptor) } }
        let found = try LocalConnection(from: pair.clientAddress, to: pair.serverAddress)
        var bounds = SocketHolders.Bounds()
        _ = try SocketHolders(ofInode: found.inode, madeBy: geteuid(), within: bounds)
        bounds.descriptors = 250
        #expect(throws: SocketHolders.Fault.tooMuchOpen) {
            try SocketHolders(ofInode: found.inode, madeBy: geteuid(), within: bounds)
        }
        bounds = SocketHolders.Bounds()
        bounds.time = .zero
        #expect(throws: SocketHolders.Fault.tooMuchOpen) {
            try SocketHolders(ofInode: found.inode, madeBy: geteuid(), within: bounds)
        }
    }

    @Test func noTimeIsLeftForOthersAndAUserIsLookedUpAllTheSame() throws {
        let pair = try Pair("127.0.0.1")
        let found = try LocalConnection(from: pair.clientAddress, to: pair.serverAddress)
        var bounds = SocketHolders.Bounds()
        bounds.timeForOthers = .zero
        let own = try SocketHolders(ofInode: found.inode, madeBy: geteuid(), within: bounds)
        #expect(own.includesThisProcess)
        let foreign = try SocketHolders(ofInode: found.inode, madeBy: geteuid() + 1, within: bounds)
        #expect(!foreign.includesThisProcess && foreign.isPartial)
    }

    @Test func whoMayNotBeLookedAtIsNotTakenForOneThatHasNothing() throws {
        var holders = try SocketHolders(ofInode: 0, madeBy: 0)
        let former = setfsuid(Self.nobody)
        defer { _ = setfsuid(UInt32(bitPattern: former)) }
        func fault(_ processID: Int32) -> SocketHolders.Fault? {
            do throws(SocketHolders.Fault) {
                return try holders.stillHas(.init(processID: processID, descriptor: 0)) ? .tooMuchOpen : nil
            } catch {
                return error
            }
        }
        guard case .unavailable(let error) = fault(1) else {
            Issue.record("it was looked at")
            return
        }
        #expect(error.code == EACCES)
        #expect(fault(.max) == nil, "there is no such process")
        #expect(try SocketHolders(ofInode: 0, madeBy: 0).isIncomplete)
        #expect(
            try !SocketHolders(ofInode: 0, madeBy: Self.nobody).isIncomplete,
            "processes of others alone are hidden"
        )
    }

    /// A user without processes.
    private static let nobody: UInt32 = 61_998

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
            return try SocketHolders(ofInode: found.inode, madeBy: user)
        }
        let (own, other) = (geteuid(), geteuid() + 1)
        #expect(try holders(of: last, other).includesThisProcess)
        let partial = try holders(of: hidden, other)
        #expect(!partial.includesThisProcess && partial.isPartial)
        #expect(try holders(of: hidden, own).includesThisProcess, "all that the user has is looked at")
    }

    /// The highest descriptors are those of the highest numbers, however many numbers between them are free.
    @Test func gapsBetweenDescriptorsHideNone() throws {
        try #require(DescriptorLimit.raise() > 4_000)
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(null) }
        let low = try descriptors(1_100)
        let pair = try Pair("127.0.0.1")
        let dense = try descriptors(1_000)
        let scattered = try stride(from: 2_400, to: 3_900, by: 4).map { number in
            let descriptor = fcntl(null, F_DUPFD_CLOEXEC, Int32(number))
            try #require(descriptor >= number)
            return descriptor
        }
        defer { for descriptor in low + dense + scattered { close(descriptor) } }
        let found = try LocalConnection(from: pair.clientAddress, to: pair.serverAddress)
        func isSeen() throws -> Bool {
            try SocketHolders(ofInode: found.inode, madeBy: geteuid() + 1).includesThisProcess
        }
        func isSeen(asDescriptor number: Int32) throws -> Bool {
            let copy = fcntl(pair.client, F_DUPFD_CLOEXEC, number)
            try #require(copy >= number)
            defer { close(copy) }
            return try isSeen()
        }
        #expect(try isSeen(asDescriptor: 3_950), "the highest one, behind a gap")
        #expect(try isSeen(asDescriptor: 3_701), "between others, beside free numbers")
        #expect(try isSeen(asDescriptor: 2_401), "far below the highest one, with few between")
        #expect(try !isSeen(), "in the middle of many")
    }

    @Test func aSocketThatNobodyHoldsHasNoHolders() throws {
        var holders = try SocketHolders(ofInode: 0, madeBy: 0)
        #expect(holders.holders.isEmpty)
        #expect(try !holders.stillHas(.init(processID: getpid(), descriptor: 0)))
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

/// setfsuid(2): lets a thread of root's read files as another user; of anybody else's it changes nothing.
@_silgen_name("setfsuid") private func setfsuid(_ user: UInt32) -> Int32

extension SocketHolders {
    fileprivate var includesThisProcess: Bool { holders.contains { $0.processID == getpid() } }
}
