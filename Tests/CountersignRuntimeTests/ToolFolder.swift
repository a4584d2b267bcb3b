import CountersignIdentity
import CountersignPKI
import Foundation

/// A folder of files for one test of a tool, with an authority in it; removed at the end.
final class ToolFolder {
    static let now: Int64 = 1_769_860_800

    let path: String
    let authority: IssuingAuthority

    init() throws {
        self.path = NSTemporaryDirectory() + "countersign-tools-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
        self.authority = try IssuingAuthority.ephemeral(
            trustDomain: TrustDomain(parsing: "cluster.local"),
            now: Self.now - 3_600
        )
        try self.write("ca.pem", self.authority.certificatePEM)
        try self.write("ca-key.pem", self.authority.keyPEM, mode: 0o600)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.path)
    }

    func file(_ name: String) -> String {
        "\(self.path)/\(name)"
    }

    @discardableResult
    func write(_ name: String, _ content: String, mode: Int = 0o644) throws -> String {
        try self.write(name, Array(content.utf8), mode: mode)
    }

    @discardableResult
    func write(_ name: String, _ content: [UInt8], mode: Int = 0o644) throws -> String {
        let path = self.file(name)
        try Data(content).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    func read(_ name: String) throws -> String {
        try String(contentsOfFile: self.file(name), encoding: .utf8)
    }

    func mode(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: self.file(name))[.posixPermissions] as? Int
    }

    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: self.path).sorted() }
    }

    /// A leaf of a workload, signed by the authority.
    func leaf(_ service: String = "web", seconds: Int64 = 3_600) throws -> IssuedIdentity {
        let profile = try CertificateProfile.workload(
            trustDomain: TrustDomain(parsing: "cluster.local"),
            namespace: "default",
            service: service,
            lifetimeSeconds: seconds
        )
        return try self.authority.issue(profile, key: .p256, now: Self.now)
    }
}
