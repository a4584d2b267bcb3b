import CountersignFiles
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
