import CountersignConfiguration
import Foundation
import Testing

/// A case of ``GoldenTests``.
struct GoldenCase: CustomTestStringConvertible, Sendable {
    var name: String

    var testDescription: String { name }

    private static let directory = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Golden/config")

    static let all: [GoldenCase] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.sorted().map { GoldenCase(name: String($0.dropLast(5))) }
    }()

    func yaml() throws -> String {
        try String(contentsOf: Self.directory.appendingPathComponent("\(name).yaml"), encoding: .utf8)
    }

    func check() throws -> ConfigurationCheck {
        let yaml = try yaml()
        var environment: [String: String] = [:]
        var role: ConfigurationRole?
        var permissions: UInt32 = 0o600
        var format = ConfigurationCheck.Format.text
        for line in yaml.split(separator: "\n").prefix(while: { $0.hasPrefix("# ") }) {
            let words = line.dropFirst(2).split(separator: " ", maxSplits: 1).map(String.init)
            switch (words.first, words.last) {
            case ("env", let assignment?):
                let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                environment[String(parts[0])] = parts.count > 1 ? String(parts[1]).replacing("\\n", with: "\n") : ""
            case ("role", let name?): role = ConfigurationRole(rawValue: name)
            case ("mode", let digits?): permissions = UInt32(digits, radix: 8) ?? permissions
            case ("json", _): format = .json
            default: break
            }
        }
        var files = MemoryFileReader.pki
        files["\(name).yaml"] = MemoryFileReader.text(yaml, permissions)
        let loader = ConfigurationLoader(environment: environment, fileReader: MemoryFileReader(files: files))
        return ConfigurationCheck(path: "\(name).yaml", role: role, format: format, loader: loader)
    }

    func expected() throws -> String {
        try String(contentsOf: Self.directory.appendingPathComponent("\(name).golden"), encoding: .utf8)
    }

    func write(_ check: ConfigurationCheck) throws {
        let file = Self.directory.appendingPathComponent("\(name).golden")
        try Self.render(check).write(to: file, atomically: true, encoding: .utf8)
    }

    static func render(_ check: ConfigurationCheck) -> String {
        check.output + "exit \(check.exitCode)\n"
    }
}
