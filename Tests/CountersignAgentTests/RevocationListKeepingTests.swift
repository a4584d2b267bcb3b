import CountersignAgent
import CountersignFiles
import CountersignIssuance
import CountersignPKI
import CountersignTesting
import Synchronization
import Testing

/// Revocation lists in the certificate directory.
@Suite struct RevocationListKeepingTests {
    private let world: AgentWorld

    init() throws {
        var told = ServiceSettings(name: "user-svc", reload: .command(["x"], timeout: .seconds(1)))
        told.followsRevocationLists = true
        let untold = ServiceSettings(name: "billing", reload: .command(["x"], timeout: .seconds(1)))
        world = try AgentWorld(services: [told, untold]) { $0.keepsRevocationLists = true }
    }

    /// A list that was made `age` seconds ago and is good for some seconds from then on.
    private func list(
        _ number: Int64,
        revoking serials: [String] = [],
        seconds: Int64 = 7200,
        age: Int64 = 0,
        by other: FakeAuthority? = nil
    ) throws -> [UInt8] {
        let made = world.time.seconds - age
        let content = RevocationListContent(
            number: number,
            thisUpdate: made,
            nextUpdate: made + seconds,
            entries: serials.compactMap { serial in
                RevocationListContent.Entry(serialHex: serial, date: world.time.seconds, reason: .keyCompromise)
            }
        )
        let der = try (other ?? world.authority).state.withLock { try $0.authority.revocationList(content) }
        return Array(PEMBlock.text(label: "X509 CRL", der: der).utf8)
    }

    private func offer(_ pem: [UInt8]?) {
        world.authority.change { $0.lists = pem }
    }

    @Test func areWrittenAndFetchedAgainInTimeForTheNext() throws {
        let first = try list(1)
        offer(first)
        world.settle()
        #expect(world.file("crl.pem") == first)
        let second = try list(2)
        offer(second)
        world.run(seconds: 200)
        #expect(world.file("crl.pem") == first)
        world.run(seconds: 110)
        #expect(world.file("crl.pem") == second)
    }

    @Test func endSoonerThanTheIntervalAndAreReplacedBeforeThat() throws {
        offer(try list(1, seconds: 60))
        world.settle()
        let second = try list(2)
        offer(second)
        world.run(seconds: 31)
        #expect(world.file("crl.pem") == second)
    }

    @Test func newOnesAreToldToThoseWhoFollowThem() throws {
        offer(try list(1))
        world.settle()
        world.told.withLock { $0 = [] }
        offer(try list(2))
        world.run(seconds: 310)
        #expect(world.told.withLock { $0 } == ["user-svc"])
    }

    @Test func revocationHasThemFetchedUntilItIsOnThem() throws {
        let first = try list(1)
        offer(first)
        world.settle()
        _ = world.authority.newCalls()
        let entry = RevokedSerial(serial: [0xAB, 0xCD], issuerKeyID: [], reason: .keyCompromise)
        world.core.handle(.revocations(.change(entry)))
        world.settle()
        // The list is signed after the revocation is told.
        #expect(world.authority.newCalls() == ["lists"] && world.file("crl.pem") == first)
        let second = try list(2, revoking: ["abcd"])
        offer(second)
        world.run(until: world.time.now + 1_000)
        #expect(world.file("crl.pem") == second)
        #expect(world.authority.newCalls() == ["lists"])
    }

    @Test func revocationThatNeverComesOntoThemIsNotAskedForForever() throws {
        offer(try list(1))
        world.settle()
        _ = world.authority.newCalls()
        world.core.handle(.revocations(.change(RevokedSerial(serial: [1], issuerKeyID: [], reason: .keyCompromise))))
        world.settle()
        world.run(seconds: 60)
        #expect((2...14).contains(world.authority.newCalls().count))
    }

    @Test func authorityWithoutThemIsLeftAlone() {
        world.settle()
        _ = world.authority.newCalls()
        world.run(seconds: 100)
        #expect(world.authority.newCalls().isEmpty && world.file("crl.pem") == nil)
    }

    @Test func onesThatCannotBeReadDoNotTakeThePlaceOfGoodOnes() throws {
        let first = try list(1)
        offer(first)
        world.settle()
        offer(Array("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n".utf8))
        world.run(seconds: 310)
        #expect(world.file("crl.pem") == first && world.report().contains("revocation_lists"))
    }

    enum Bad: String, CaseIterable {
        case older, foreign, ended
        case fromFuture = "from_future"
    }

    private func list(_ kind: Bad) throws -> [UInt8] {
        switch kind {
        case .older: try list(1, age: 600)
        case .foreign: try list(9, by: try FakeAuthority(time: world.time))
        case .ended: try list(9, seconds: 10, age: 11)
        case .fromFuture: try list(9, age: -600)
        }
    }

    @Test(arguments: Bad.allCases) func oneThatIsNotGoodDoesNotTakeThePlaceOfTheOneThatIs(bad: Bad) throws {
        let first = try list(2, revoking: ["abcd"])
        offer(first)
        world.settle()
        world.told.withLock { $0 = [] }
        offer(try list(bad))
        world.run(seconds: 301)
        #expect(world.file("crl.pem") == first && world.told.withLock { $0 }.isEmpty)
        #expect(world.report().contains("not all good"))
        #expect(world.metricValue("agent_revocation_lists_refused_total{reason=\"\(bad.rawValue)\"}") ?? 0 >= 1)
        // It is asked again soon, and takes what is good.
        let next = try list(10)
        offer(next)
        world.run(seconds: 60)
        #expect(world.file("crl.pem") == next && !world.report().contains("not all good"))
    }

    @Test(arguments: [Bad.foreign, .ended]) func oneThatIsNotGoodIsNotTheFirstEither(bad: Bad) throws {
        offer(try list(bad))
        world.settle()
        #expect(world.file("crl.pem") == nil && world.report().contains("not all good"))
    }

    @Test func revocationIsWaitedForAsOftenBesideOneThatIsNotGood() throws {
        offer(try list(.foreign) + list(3))
        world.settle()
        world.run(seconds: 1_000)
        let entry = RevokedSerial(serial: [0xAB, 0xCD], issuerKeyID: [], reason: .keyCompromise)
        world.core.handle(.revocations(.change(entry)))
        world.settle()
        let second = try list(4, revoking: ["abcd"])
        offer(try list(.foreign) + second)
        world.run(until: world.time.now + 1_000)
        #expect(world.file("crl.pem") == second)
    }

    @Test func oneThatIsGoodIsTakenBesideOneThatIsNot() throws {
        let good = try list(3)
        offer(try list(.foreign) + good)
        world.settle()
        #expect(world.file("crl.pem") == good)
    }

    @Test func olderThanThatOfAnEarlierProcessIsNotTakenEither() throws {
        let first = try list(2)
        offer(first)
        world.settle()
        offer(try list(.older))
        let later = try AgentWorld(after: world) { $0.keepsRevocationLists = true }
        later.settle()
        #expect(later.file("crl.pem") == first && later.report().contains("older than the one in place"))
    }

    @Test func oneThatWasTakenWhileTheClocksWereAheadKeepsNoGoodOneOut() throws {
        offer(try list(1))
        world.settle()
        let ahead = try list(9, age: -600)
        try AtomicFile.write(ahead, to: "\(world.certificates)/crl.pem", mode: 0o644)
        let unlucky = try AgentWorld(after: world) { $0.keepsRevocationLists = true }
        offer(try list(.ended))
        unlucky.settle()
        #expect(unlucky.file("crl.pem") == ahead)
        let good = try list(2)
        offer(good)
        unlucky.run(seconds: 60)
        #expect(unlucky.file("crl.pem") == good)
    }

    @Test func workloadsAreGivenThem() throws {
        let given = Received()
        world.publish { given.take($0) }
        offer(try list(1))
        world.settle()
        #expect(given.last?.revocationLists.count == 1)
    }
}
