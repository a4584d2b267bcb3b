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
        let told = try await event(of: source) {
            try AtomicFile.write(Array("nonsense".utf8), to: files.certificateChain, mode: 0o644)
        } where: { event in
            if case .failed = event { true } else { false }
        }
        guard case .failed(let error) = told else {
            Issue.record("nothing was told")
            return
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

    @Test func revocationListsOfAnAgentsFolderAreLookedAtWhereItKeepsThem() throws {
        let domain = try TrustDomain(parsing: "test.local")
        let issuer = try IssuingAuthority.ephemeral(trustDomain: domain, now: try Minted.identity().notBefore + 1)
        let own = try Minted.identity("orders", from: issuer, of: domain)
        let bad = try Minted.identity("bad", from: issuer, of: domain)
        let files = IdentityFiles.agentDirectory(folder.path, service: "orders")
        try #require(mkdir("\(folder.path)/orders", 0o755) == 0)
        let chain = own.certificateChain.map { PEMBlock.text(label: "CERTIFICATE", der: $0) }.joined()
        let identity = Array((chain + own.privateKeyPEM).utf8)
        try AtomicFile.write(identity, to: files.privateKey, mode: 0o640)
        try AtomicFile.write(Array(own.trustBundlePEM.utf8), to: files.trustBundle, mode: 0o644)
        func isAccepted(_ peer: WorkloadIdentity) throws -> Bool {
            let verifier = PeerVerifier(try .files(files), purpose: .client)
            return (try? verifier.verify(peer.certificateChain).get()) != nil
        }
        #expect(try isAccepted(bad) && isAccepted(own))
        let lists = "\(folder.path)/crl.pem"
        let list = PEMBlock.text(label: "X509 CRL", der: try Minted.list(revoking: bad, by: issuer).der)
        try AtomicFile.write(Array(list.utf8), to: lists, mode: 0o644)
        #expect(try !isAccepted(bad) && isAccepted(own))
        try AtomicFile.write(Array("nonsense".utf8), to: lists, mode: 0o644)
        #expect(throws: ServiceIdentityError(.material, "")) { try IdentitySource.files(files) }
        try AtomicFile.write(identity, to: files.privateKey, mode: 0o644)
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
