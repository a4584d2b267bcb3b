import CountersignAgent
import CountersignIssuance
import CountersignPKI
import CountersignTesting
import CountersignTransport
import Glibc
import Synchronization
import Testing

/// Readers that do nothing but read, against a writer that does nothing but exchange.
@Suite(.serialized) struct TightLoopReaderTests {
    private static let generations = 100

    /// What readers have seen, by the first bytes of file contents.
    private final class Sightings: Sendable {
        let pairs = Mutex<Set<[[UInt8]]>>([])
        let reads = Atomic<Int>(0)
        let isOver = Atomic<Bool>(false)
    }

    @Test(arguments: [true, false])
    func `no reader sees a certificate that does not match its key`(isKeyKept: Bool) throws {
        let folder = try ScratchFolder()
        let directory = try CertificateDirectory(path: folder.file("certs"))
        let identities = try makeIdentities(isKeyKept: isKeyKept)
        try directory.publish(identities[0], as: "user-svc")
        let path = "\(directory.path)/user-svc"
        var ways: [@Sendable () -> [[UInt8]]] = [{ Self.throughDirectory(path) }, { Self.fromOneFile(path) }]
        if isKeyKept { ways.append { [Self.take("\(path)/cert.pem"), Self.take("\(path)/key.pem")] } }
        let sightings = try ways.map { try read(with: $0) }
        for turn in 1..<Self.generations { try directory.publish(identities[turn % identities.count], as: "user-svc") }
        for (seen, done) in sightings {
            seen.isOver.store(true, ordering: .relaxed)
            _ = done.wait()
            let pairs = seen.pairs.withLock { $0 }
            #expect(pairs.count > 2 && seen.reads.load(ordering: .relaxed) > Self.generations)
            for pair in pairs {
                let leaf = try CertificateChain(pem: pair[0]).certificates[0]
                #expect(try PrivateKey(pem: pair[1]).matches(leaf))
            }
        }
    }

    private func read(with way: @escaping @Sendable () -> [[UInt8]]) throws -> (Sightings, Completion) {
        let seen = Sightings()
        let done = Completion()
        try spawn(name: "reader") {
            while !seen.isOver.load(ordering: .relaxed) {
                let pair = way()
                // A generation that was exchanged twice since its folder was opened is gone; a reader begins again.
                guard pair.allSatisfy({ !$0.isEmpty }) else { continue }
                _ = seen.pairs.withLock { $0.insert(pair) }
                seen.reads.add(1, ordering: .relaxed)
            }
            done.finish()
        }
        return (seen, done)
    }

    private func makeIdentities(isKeyKept: Bool) throws -> [HeldIdentity] {
        let authority = try FakeAuthority(time: TestTime())
        let first = try PrivateKey.generate(.p256)
        return try (0..<20).map { _ in
            let key = isKeyKept ? first : try PrivateKey.generate(.p256)
            let answer = try authority.sign(service: "user-svc", request: try SigningRequest.withoutNames(for: key).pem)
            let note = IdentityNote(obtainedAt: 0, keyMadeAt: 0)
            return try HeldIdentity(key: key, certificates: answer.certificates, note: note)
        }
    }

    /// Opens the folder once, and the files through it.
    private static func throughDirectory(_ path: String) -> [[UInt8]] {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(folder) }
        return [take("cert.pem", in: folder), take("key.pem", in: folder)]
    }

    private static func fromOneFile(_ path: String) -> [[UInt8]] {
        let both = take("\(path)/identity.pem")
        return [both, both]
    }

    private static func take(_ path: String, in folder: Int32 = AT_FDCWD) -> [UInt8] {
        let descriptor = openat(folder, path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return Array(bytes.prefix(max(count, 0)))
    }
}
