import CountersignFiles
import CountersignIssuance
import CountersignPKI
import CountersignTesting
import CountersignTransport
import Foundation
import Testing

@testable import CountersignAgent

@Suite struct CertificateDirectoryTests {
    private let folder: ScratchFolder
    private let time = TestTime()
    private let authority: FakeAuthority

    init() throws {
        folder = try ScratchFolder()
        authority = try FakeAuthority(time: time)
    }

    private var path: String { folder.file("certs") }

    private func identity(_ service: String = "user-svc", key: PrivateKey? = nil) throws -> HeldIdentity {
        let key = try key ?? PrivateKey.generate(.p256)
        let answer = try authority.sign(service: service, request: try SigningRequest.withoutNames(for: key).pem)
        let note = IdentityNote(obtainedAt: time.now, keyMadeAt: time.now - 5, rule: .before(seconds: 600))
        return try HeldIdentity(key: key, certificates: answer.certificates, note: note)
    }

    private func mode(_ name: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")[.posixPermissions] as? Int)
    }

    @Test func `an identity is found again as it was put there`() throws {
        let directory = try CertificateDirectory(path: path)
        #expect(try directory.load("user-svc") == nil)
        let identity = try identity()
        try directory.publish(identity, as: "user-svc")
        let found = try #require(try directory.load("user-svc"))
        #expect(found.serial == identity.serial && found.note == identity.note)
        #expect(found.key.publicKey.derEncoded == identity.key.publicKey.derEncoded)
    }

    @Test func `keys are for their owner, certificates for all, the agent's own for nobody else`() throws {
        let directory = try CertificateDirectory(path: path)
        try directory.publish(try identity(), as: "user-svc")
        try directory.publish(try identity(), as: CertificateDirectory.agentName)
        try directory.writeBundle(authority.bundlePEM)
        #expect(try mode("user-svc/key.pem") == 0o600 && mode("user-svc/identity.pem") == 0o600)
        #expect(try mode("user-svc/cert.pem") == 0o644 && mode("ca.pem") == 0o644)
        #expect(try mode("") == 0o755 && mode(".generations/user-svc.1") == 0o755)
        #expect(try mode(".generations/.agent.1") == 0o700 && mode(".agent/cert.pem") == 0o600)
    }

    @Test func `key and certificate in one file belong together`() throws {
        let directory = try CertificateDirectory(path: path)
        try directory.publish(try identity(), as: "user-svc")
        let both = try FileContent.read("\(path)/user-svc/identity.pem", maximumBytes: 1 << 20).bytes
        #expect(try PrivateKey(pem: both).matches(CertificateChain(pem: both).certificates[0]))
    }

    @Test func `the current generation and the one before stay, and an open folder keeps its files`() throws {
        let directory = try CertificateDirectory(path: path)
        let identities = try (0..<5).map { _ in try identity() }
        try directory.publish(identities[0], as: "user-svc")
        let opened = open("\(path)/user-svc", O_RDONLY | O_DIRECTORY)
        defer { close(opened) }
        try directory.publish(identities[1], as: "user-svc")
        let descriptor = openat(opened, "cert.pem", O_RDONLY)
        #expect(descriptor >= 0)
        close(descriptor)
        for identity in identities[2...] { try directory.publish(identity, as: "user-svc") }
        #expect(try Folder.entries(of: "\(path)/.generations") == ["user-svc.4", "user-svc.5"])
        #expect(try directory.load("user-svc")?.serial == identities[4].serial)
    }

    @Test func `names that begin alike do not take each other's generations`() throws {
        let directory = try CertificateDirectory(path: path)
        for name in ["a", "a.1", "a.1.new"] {
            for _ in 0..<3 { try directory.publish(try identity("svc"), as: name) }
        }
        let reopened = ["a", "a.1", "a.1.new"].map { (try? directory.load($0)) != nil }
        #expect(reopened == [true, true, true])
        #expect(try Folder.entries(of: "\(path)/.generations").count == 6)
    }

    @Test func `what an agent that died left behind is cleared away, what is in use stays`() throws {
        var directory: CertificateDirectory? = try CertificateDirectory(path: path)
        for _ in 0..<2 { try directory?.publish(try identity(), as: "user-svc") }
        directory = nil
        let generations = "\(path)/.generations"
        // A generation half written, one written and not linked, a link not renamed, a bundle half written.
        for name in ["user-svc.3.new", "user-svc.3", "other.1"] {
            try Folder.make("\(generations)/\(name)")
            try FileContent.write([1], toNew: "\(generations)/\(name)/key.pem", mode: 0o600)
        }
        symlink(".generations/user-svc.3.new", "\(path)/.user-svc.link")
        try FileContent.write([1], toNew: "\(path)/ca.pem.new-1", mode: 0o600)
        let reopened = try CertificateDirectory(path: path)
        #expect(try Folder.entries(of: generations) == ["user-svc.1", "user-svc.2"])
        #expect(try reopened.load("user-svc") != nil)
        try reopened.publish(try identity(), as: "user-svc")
        let names = try Folder.entries(of: path)
        #expect(names == [".generations", ".lock", "user-svc"])
    }

    @Test func `a folder of somebody else's is not touched`() throws {
        let directory = try CertificateDirectory(path: path)
        try Folder.make("\(path)/user-svc")
        try FileContent.write([1], toNew: "\(path)/user-svc/key.pem", mode: 0o600)
        let loading = #expect(throws: DirectoryError.self) { try directory.load("user-svc") }
        let publishing = #expect(throws: DirectoryError.self) { try directory.publish(try identity(), as: "user-svc") }
        #expect(loading?.code == .occupied && publishing?.code == .occupied)
        #expect(try FileContent.read("\(path)/user-svc/key.pem", maximumBytes: 1).bytes == [1])
        #expect(try Folder.entries(of: "\(path)/.generations").isEmpty)
    }

    @Test func `two agents do not share a directory`() throws {
        let first = try CertificateDirectory(path: path)
        let error = #expect(throws: DirectoryError.self) { try CertificateDirectory(path: path) }
        #expect(error?.code == .locked && first.path == path)
    }

    @Test(arguments: ["cert.pem", "key.pem"])
    func `damaged files are told and not used`(file: String) throws {
        let directory = try CertificateDirectory(path: path)
        try directory.publish(try identity(), as: "user-svc")
        try AtomicFile.write(Array("-----BEGIN".utf8), to: "\(path)/user-svc/\(file)", mode: 0o600)
        let error = #expect(throws: DirectoryError.self) { try directory.load("user-svc") }
        #expect(error?.code == .damaged && error?.message.contains(file) == true)
    }

    @Test func `another's key is told and not used`() throws {
        let directory = try CertificateDirectory(path: path)
        try directory.publish(try identity(), as: "user-svc")
        let other = Array(try PrivateKey.generate(.p256).pemPKCS8.utf8)
        try AtomicFile.write(other, to: "\(path)/user-svc/key.pem", mode: 0o600)
        let error = #expect(throws: DirectoryError.self) { try directory.load("user-svc") }
        #expect(error?.code == .damaged)
    }

    @Test func `a key that others could read is not used`() throws {
        let directory = try CertificateDirectory(path: path)
        try directory.publish(try identity(), as: "user-svc")
        chmod("\(path)/user-svc/key.pem", 0o640)
        let error = #expect(throws: DirectoryError.self) { try directory.load("user-svc") }
        #expect(error?.code == .exposedKey)
    }

    @Test func `without its note a certificate counts from its beginning`() throws {
        let directory = try CertificateDirectory(path: path)
        let identity = try identity()
        try directory.publish(identity, as: "user-svc")
        unlink("\(path)/user-svc/.note.json")
        let found = try #require(try directory.load("user-svc"))
        #expect(found.note.obtainedAt == identity.leaf.notBefore * 1000 && found.note.rule == .fraction(0.5))
    }

    @Test func `consumers of the current generation are remembered as told`() throws {
        let directory = try CertificateDirectory(path: path)
        try directory.publish(try identity(), as: "user-svc")
        #expect(!directory.isReloaded("user-svc"))
        try directory.markReloaded("user-svc")
        try directory.markReloaded("user-svc")
        #expect(directory.isReloaded("user-svc"))
        try directory.publish(try identity(), as: "user-svc")
        #expect(!directory.isReloaded("user-svc") && !directory.isReloaded("other"))
    }

    @Test func `what cannot be written leaves everything as it was`() throws {
        let directory = try CertificateDirectory(path: path)
        let first = try identity()
        try directory.publish(first, as: "user-svc")
        // A file in the way of every new generation's folder.
        try FileContent.write([], toNew: "\(path)/.generations/user-svc.2.new", mode: 0o600)
        #expect(throws: SystemError.self) { try directory.publish(try identity(), as: "user-svc") }
        #expect(try directory.load("user-svc")?.serial == first.serial)
    }

    @Test func `a dump shows no key`() throws {
        let identity = try identity()
        var text = ""
        dump(identity, to: &text)
        #expect(!text.contains("PRIVATE") && text.count < 500)
        #expect("\(identity)".contains("identity with"))
        #expect("\(JoinToken("secret-1") as Any)".contains("secret-1") == false)
    }
}
