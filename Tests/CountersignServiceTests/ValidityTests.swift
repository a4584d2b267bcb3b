import CountersignPKI
import CountersignService
import Synchronization
import Testing

@Suite struct ValidityTests {
    private let identity: WorkloadIdentity
    private let life: Int64

    init() throws {
        identity = try Minted.authority().issue(service: "orders", lifetimeSeconds: 3_600)
        life = identity.notAfter - identity.notBefore
    }

    @Test func aLifeHasItsStagesAtFixedFractions() {
        let stages = [
            (identity.notBefore, ValidityWatch.Stage.young),
            (identity.notAfter - life / 3 - 1, .young),
            (identity.notAfter - life / 3, .third),
            (identity.notAfter - life / 10 - 1, .third),
            (identity.notAfter - life / 10, .tenth),
            (identity.notAfter, .tenth),
            (identity.notAfter + 1, .over),
        ]
        for (moment, stage) in stages {
            #expect(ValidityWatch.stage(of: identity, atUnixSeconds: moment) == stage)
        }
    }

    @Test func statusTellsWhatIsLeft() {
        let source = IdentitySource.fixed(identity)
        let young = source.status(atUnixSeconds: identity.notBefore + 1)
        #expect(young.spiffeID == "spiffe://test.local/ns/default/sa/orders")
        #expect(young.certificateSerial == identity.serialNumber)
        #expect(young.isCertificateValid && !young.needsRenewal && young.remainingSeconds == life - 1)
        #expect(young.lastFailure == nil && !young.isRevocationChecked)
        let old = source.status(atUnixSeconds: identity.notAfter - 1)
        #expect(old.isCertificateValid && old.needsRenewal && old.remainingSeconds == 1)
        let over = source.status(atUnixSeconds: identity.notAfter + 1)
        #expect(!over.isCertificateValid && over.needsRenewal && over.remainingSeconds == 0)
    }

    @Test func aFailureIsToldUntilSomethingGoodComes() throws {
        let holder = IdentityHolder(identity)
        #expect(holder.condition.failure == nil)
        holder.tell(ServiceIdentityError(.workloadAPI, "nobody answers"))
        let failure = try #require(holder.condition.failure)
        #expect(failure.code == "workload_api" && failure.message == "nobody answers" && failure.time > 0)
        // The same identity again is no rotation, and yet all is well.
        holder.replace(identity)
        #expect(holder.condition.failure == nil && holder.generation == 1)
    }

    @Test func certificatesAndTheirSurroundingsAreCountedApart() throws {
        let authority = try Minted.authority()
        let first = try authority.issue(service: "orders")
        let holder = IdentityHolder(first)
        let others = try WorkloadIdentity(
            certificateChain: first.certificateChain,
            privateKey: first.privateKey,
            trust: first.trust,
            revocation: .lists([]),
            atUnixSeconds: first.notBefore + 1
        )
        holder.replace(others)
        #expect(holder.generation == 2 && holder.handshakeGeneration == 1)
        #expect(IdentitySource.fixed(others).status().isRevocationChecked)
        holder.replace(try authority.issue(service: "orders"))
        #expect(holder.generation == 3 && holder.handshakeGeneration == 2)
        // The same certificate, believing others.
        let last = holder.current
        holder.replace(
            try WorkloadIdentity(
                certificateChain: last.certificateChain,
                privateKey: last.privateKey,
                trust: try TrustStore(pem: Minted.authority().trustBundlePEM),
                atUnixSeconds: last.notBefore + 1
            )
        )
        #expect(holder.generation == 4 && holder.handshakeGeneration == 3)
    }

    @Test func anObserverIsCalledForEachChangeUntilItEnds() throws {
        let authority = try Minted.authority()
        let holder = IdentityHolder(try authority.issue(service: "orders"))
        let calls = Atomic(0)
        let ended = Atomic(0)
        do {
            let observation = holder.observe { calls.add(1, ordering: .relaxed) }
            holder.observe { ended.add(1, ordering: .relaxed) }.cancel()
            holder.replace(try authority.issue(service: "orders"))
            // Trouble is no change.
            holder.tell(ServiceIdentityError(.file, "away"))
            withExtendedLifetime(observation) {}
        }
        holder.replace(try authority.issue(service: "orders"))
        #expect(calls.load(ordering: .relaxed) == 1)
        #expect(ended.load(ordering: .relaxed) == 0)
    }
}
