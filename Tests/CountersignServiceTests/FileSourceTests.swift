import CountersignFiles
import CountersignPKI
import CountersignService
import CountersignTesting
import Glibc
import Testing

@Suite struct FileSourceTests {
    private let folder: ScratchFolder
    private let files: IdentityFiles

    init() throws {
        folder = try ScratchFolder()
        files = .kubernetesSecret(folder.path)
    }

    /// Writes all three files, one after the other, as some programs do.
    private func write(_ identity: WorkloadIdentity) throws {
        try AtomicFile.write(Array(identity.trustBundlePEM.utf8), to: files.trustBundle, mode: 0o644)
        try identity.export(certificatePath: files.certificateChain, keyPath: files.privateKey)
    }

    /// Lets a source run until its first event that fits.
    private func event(
        of source: IdentitySource,
        after change: () throws -> Void,
        where fits: (IdentityEvent) -> Bool
    ) async throws -> IdentityEvent? {
        let events = source.events
        return try await withThrowingTaskGroup { group in
            group.addTask { try? await source.run() }
            defer { group.cancelAll() }
            try change()
            for await event in events where fits(event) { return event }
            return nil
        }
    }

    /// Lets a source run until it tells of a failure.
    private func failure(
        of source: IdentitySource,
        after change: () throws -> Void
    ) async throws -> ServiceIdentityError {
        let told = try await event(of: source, after: change) { event in
            if case .failed = event { true } else { false }
        }
        let error: ServiceIdentityError? = if case .failed(let error)? = told { error } else { nil }
        return try #require(error)
    }

    @Test func exchangedFilesAreTakenUpWithoutARestart() async throws {
        let authority = try Minted.authority()
        let first = try authority.issue(service: "orders")
        try write(first)
        let source = try IdentitySource.files(files)
        #expect(source.current.serialNumber == first.serialNumber)
        let next = try authority.issue(service: "orders")
        _ = try await event(of: source) {
            try write(next)
        } where: { event in
            if case .rotated(let identity) = event { identity.serialNumber == next.serialNumber } else { false }
        }
        #expect(source.current.serialNumber == next.serialNumber)
        #expect(source.generation == 2)
    }

    @Test func whatCannotBeUsedIsToldAndTheIdentityBeforeStays() async throws {
        let first = try Minted.identity()
        try write(first)
        let source = try IdentitySource.files(files)
        let error = try await failure(of: source) {
            try AtomicFile.write(Array("nonsense".utf8), to: files.certificateChain, mode: 0o644)
        }
        #expect(error.code == .material)
        #expect(error.message.contains("tls.crt"))
        #expect(source.current.serialNumber == first.serialNumber)
        #expect(source.generation == 1)
    }

    @Test func thereIsNoSourceWithoutAnIdentity() throws {
        #expect(throws: ServiceIdentityError(.file, "")) { try IdentitySource.files(files) }
        let identity = try Minted.identity()
        try write(identity)
        try write(try Minted.identity())
        try AtomicFile.write(Array(identity.privateKeyPEM.utf8), to: files.privateKey, mode: 0o600)
        #expect(throws: ServiceIdentityError(.material, "")) { try IdentitySource.files(files) }
    }

    @Test func anAgentsFolderHasItsFilesUnderTheirNames() {
        let files = IdentityFiles.agentDirectory("/run/certs", service: "orders")
        #expect(files.certificateChain == "/run/certs/orders/identity.pem")
        #expect(files.privateKey == files.certificateChain)
        #expect(files.trustBundle == "/run/certs/ca.pem")
        #expect(files.revocationLists == "/run/certs/crl.pem")
    }

    /// What an agent keeps for a service, and a certificate of its authority that is to be revoked.
    private struct AgentFolder {
        let files: IdentityFiles
        let identity: [UInt8]
        let own: WorkloadIdentity
        let bad: WorkloadIdentity
        let list: [UInt8]

        init(_ path: String) throws {
            let domain = try TrustDomain(parsing: "test.local")
            let issuer = try IssuingAuthority.ephemeral(trustDomain: domain, now: try Minted.identity().notBefore + 1)
            own = try Minted.identity("orders", from: issuer, of: domain)
            bad = try Minted.identity("bad", from: issuer, of: domain)
            files = .agentDirectory(path, service: "orders")
            identity = Array((own.certificateChainPEM + own.privateKeyPEM).utf8)
            list = Array(PEMBlock.text(label: "X509 CRL", der: try Minted.list(revoking: bad, by: issuer).der).utf8)
            try #require(mkdir("\(path)/orders", 0o755) == 0)
            try AtomicFile.write(identity, to: files.privateKey, mode: 0o640)
            try AtomicFile.write(Array(own.trustBundlePEM.utf8), to: files.trustBundle, mode: 0o644)
        }

        func writeLists(_ content: [UInt8]) throws {
            try AtomicFile.write(content, to: try #require(files.revocationLists), mode: 0o644)
        }
    }

    @Test(arguments: [true, false]) func revocationListsThatVanishAreMissed(_ areRemoved: Bool) async throws {
        let agent = try AgentFolder(folder.path)
        try agent.writeLists(agent.list)
        let source = try IdentitySource.files(agent.files)
        let verifier = PeerVerifier(source, purpose: .client)
        #expect(source.status().isRevocationChecked)
        let error = try await failure(of: source) {
            if areRemoved {
                try #require(unlink(try #require(agent.files.revocationLists)) == 0)
            } else {
                try agent.writeLists([])
            }
        }
        #expect(error.code == .material)
        #expect(source.status().isRevocationChecked && source.status().lastFailure?.code == "material")
        #expect((try? verifier.verify(agent.bad.certificateChain).get()) == nil)
        #expect((try? verifier.verify(agent.own.certificateChain).get()) != nil)
    }

    @Test func revocationListsThatComeLaterCountFromThenOn() async throws {
        let agent = try AgentFolder(folder.path)
        let source = try IdentitySource.files(agent.files)
        #expect(!source.status().isRevocationChecked)
        _ = try await event(of: source) {
            try agent.writeLists(agent.list)
        } where: { event in
            if case .rotated = event { true } else { false }
        }
        #expect(source.status().isRevocationChecked)
        let verifier = PeerVerifier(source, purpose: .client)
        #expect((try? verifier.verify(agent.bad.certificateChain).get()) == nil)
    }

    @Test func revocationListsCanBeRequired() throws {
        let agent = try AgentFolder(folder.path)
        var files = agent.files
        files.requiresRevocationLists = true
        #expect(throws: ServiceIdentityError(.file, "")) { try IdentitySource.files(files) }
        files.revocationLists = nil
        #expect(throws: ServiceIdentityError(.setting, "")) { try IdentitySource.files(files) }
        try agent.writeLists(agent.list)
        files.revocationLists = agent.files.revocationLists
        #expect(try IdentitySource.files(files).status().isRevocationChecked)
    }

    @Test func revocationListsOfAnAgentsFolderAreLookedAtWhereItKeepsThem() throws {
        let agent = try AgentFolder(folder.path)
        let (files, own, bad) = (agent.files, agent.own, agent.bad)
        func isAccepted(_ peer: WorkloadIdentity) throws -> Bool {
            let verifier = PeerVerifier(try .files(files), purpose: .client)
            return (try? verifier.verify(peer.certificateChain).get()) != nil
        }
        #expect(try isAccepted(bad) && isAccepted(own))
        try agent.writeLists(agent.list)
        #expect(try !isAccepted(bad) && isAccepted(own))
        try agent.writeLists(Array("nonsense".utf8))
        #expect(throws: ServiceIdentityError(.material, "")) { try IdentitySource.files(files) }
        try AtomicFile.write(agent.identity, to: files.privateKey, mode: 0o644)
        #expect(throws: ServiceIdentityError(.file, "")) { try IdentitySource.files(files) }
    }

    @Test func aKeyThatEverybodyMayReadIsTakenFromASecretAlone() throws {
        let identity = try Minted.identity()
        try write(identity)
        try #require(chmod(files.privateKey, 0o644) == 0)
        #expect(try IdentitySource.files(files).current.serialNumber == identity.serialNumber)
        var own = files
        own.allowsOpenKey = false
        let error = #expect(throws: ServiceIdentityError(.file, "")) { try IdentitySource.files(own) }
        #expect(error?.message.contains("mode 0644") == true && error?.message.contains("chmod") == true)
        try #require(chmod(files.privateKey, 0o640) == 0)
        #expect(try IdentitySource.files(own).current.serialNumber == identity.serialNumber)
    }

    /// A mapped file changes without a word of the system's, as files of other hosts do.
    @Test func changesThatNothingTellsOfAreTakenUpAsWell() async throws {
        let authority = try Minted.authority()
        let (first, next) = (try authority.issue(service: "orders"), try authority.issue(service: "orders"))
        let one = IdentityFiles(
            certificateChain: "\(folder.path)/identity.pem",
            privateKey: "\(folder.path)/identity.pem",
            trustBundle: files.trustBundle
        )
        let size = 16_384
        let text = { (identity: WorkloadIdentity) in
            let text = Array((identity.certificateChainPEM + identity.privateKeyPEM).utf8)
            return text + Array(repeating: UInt8(ascii: "\n"), count: size - text.count)
        }
        try AtomicFile.write(Array(first.trustBundlePEM.utf8), to: one.trustBundle, mode: 0o644)
        try AtomicFile.write(text(first), to: one.privateKey, mode: 0o600)
        let descriptor = open(one.privateKey, O_RDWR)
        defer { close(descriptor) }
        let mapped = try #require(mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0))
        defer { munmap(mapped, size) }
        let source = try IdentitySource.files(one, readingEvery: .milliseconds(50))
        _ = try await event(of: source) {
            mapped.copyMemory(from: text(next), byteCount: size)
        } where: { event in
            if case .rotated(let identity) = event { identity.serialNumber == next.serialNumber } else { false }
        }
        #expect(source.current.serialNumber == next.serialNumber)
    }
}
