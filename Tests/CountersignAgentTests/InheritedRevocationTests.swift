import CountersignAgent
import CountersignFiles
import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import Synchronization
import Testing

/// What the lists of a former process say of certificates, while the authority is away.
@Suite struct InheritedRevocationTests {
    private static let services = ["user-svc", "billing"].map { ServiceSettings(name: $0) }
    private let former: AgentWorld

    init() throws {
        former = try AgentWorld(services: Self.services) { $0.keepsRevocationLists = true }
        former.settle()
    }

    /// Leaves a list that names the certificate of `user-svc`, and has the agent started anew without an authority.
    private func restarted(
        _ reason: RevocationReason,
        seconds: Int64 = 7_200,
        signedBy signer: FakeAuthority? = nil,
        keepsLists: Bool = true
    ) throws -> (AgentWorld, Received) {
        let serial = SerialNumber(try #require(try former.certificate()).serialNumber).hexadecimal
        let now = former.time.seconds
        let content = RevocationListContent(
            number: 1,
            thisUpdate: now - 60,
            nextUpdate: now - 60 + seconds,
            entries: [try #require(RevocationListContent.Entry(serialHex: serial, date: now - 60, reason: reason))]
        )
        let der = try (signer ?? former.authority).state.withLock { try $0.authority.revocationList(content) }
        let pem = Array(PEMBlock.text(label: "X509 CRL", der: der).utf8)
        try AtomicFile.write(pem, to: "\(former.certificates)/crl.pem", mode: 0o644)
        former.authority.change { $0.failure = AuthorityCallError(.unreachable, "away") }
        let world = try AgentWorld(services: Self.services, after: former) { $0.keepsRevocationLists = keepsLists }
        let given = Received()
        world.publish { given.take($0) }
        world.settle()
        return (world, given)
    }

    /// The services with a certificate that workloads are given.
    private func held(_ given: Received) -> Set<String> {
        Set((given.last?.services ?? [:]).filter { if case .held = $0.value { true } else { false } }.keys)
    }

    @Test(arguments: [RevocationReason.certificateHold, .keyCompromise, .unspecified], [Int64(7_200), 10])
    func whatAListNamesIsNotGivenOut(reason: RevocationReason, seconds: Int64) throws {
        let (world, given) = try restarted(reason, seconds: seconds)
        #expect(held(given) == ["billing"] && !world.health.isReady)
        #expect(world.report().contains(reason == .certificateHold ? "user-svc is on hold" : "user-svc is revoked"))
    }

    @Test func whatSomebodyElsesListNamesIsGivenOut() throws {
        let (_, given) = try restarted(.keyCompromise, signedBy: try FakeAuthority(time: former.time))
        #expect(held(given) == ["user-svc", "billing"])
    }

    @Test func anAgentThatKeepsNoListsLooksAtNone() throws {
        let (_, given) = try restarted(.keyCompromise, keepsLists: false)
        #expect(held(given) == ["user-svc", "billing"])
    }

    @Test func aHoldLastsUntilTheAuthorityTellsAllThatIsInForce() throws {
        let (world, given) = try restarted(.certificateHold)
        let serial = try world.certificate()?.serialNumber
        world.core.handle(.services(Self.services))
        #expect(held(given) == ["billing"])
        world.core.handle(.revocations(.all([])))
        #expect(held(given) == ["user-svc", "billing"])
        world.core.handle(.services(Self.services))
        #expect(try held(given) == ["user-svc", "billing"] && world.certificate()?.serialNumber == serial)
    }

    @Test func aRevokedOneIsReplacedByOneForAnotherKeyOnceTheAuthorityIsBack() throws {
        let (world, given) = try restarted(.superseded)
        let key = world.file("user-svc/key.pem")
        world.core.handle(.revocations(.all([])))
        #expect(held(given) == ["billing"], "what is revoked for good stays so")
        world.authority.change { $0.failure = nil }
        world.run(seconds: 300)
        #expect(held(given) == ["user-svc", "billing"] && world.file("user-svc/key.pem") != key)
    }
}
