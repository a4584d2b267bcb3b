import CountersignConfiguration
import Foundation
import Testing

/// What the documentation promises about configuration files.
@Suite struct ExampleTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let examples: [String] = {
        let files =
            (try? FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("Examples").path)) ?? []
        // The rules of identity mapping are a file of their own kind.
        return files.filter { $0.hasSuffix(".yaml") && $0 != "mappings.yaml" }.sorted()
    }()

    /// The example itself, and a file of the kind that its name promises at every other path.
    private struct ExampleReader: ConfigurationFileReader {
        var example: String

        func read(_ path: String, maximumBytes: Int) throws(FileReadError) -> FileContents {
            if path == "example.yaml" { return MemoryFileReader.text(example) }
            if path.hasSuffix("-key.pem") { return MemoryFileReader.text(MemoryFileReader.key) }
            if path.hasSuffix("crl.pem") { return MemoryFileReader.text(MemoryFileReader.list) }
            if path.hasSuffix(".pem") { return MemoryFileReader.text(MemoryFileReader.certificate) }
            if path.hasSuffix(".crl") { return MemoryFileReader.text(MemoryFileReader.list) }
            return MemoryFileReader.text("0123456789ABCDEF0123456789ABCDEF")
        }
    }

    @Test("every example is usable without a warning", arguments: examples)
    func example(_ name: String) throws {
        let text = try String(contentsOf: Self.root.appendingPathComponent("Examples/\(name)"), encoding: .utf8)
        let loader = ConfigurationLoader(environment: [:], fileReader: ExampleReader(example: text))
        let result = loader.load(path: "example.yaml")
        #expect(result.problems.map(\.description) == [])
        #expect(result.warnings.map(\.description) == [])
        #expect(result.configuration != nil)
    }

    @Test func thereAreExamples() {
        #expect(Self.examples.contains("router.yaml") && Self.examples.count >= 4)
    }

    @Test func theTunedExampleShowsTheDefaults() throws {
        let file = Self.root.appendingPathComponent("Examples/router-tuned.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        let loader = ConfigurationLoader(environment: [:], fileReader: ExampleReader(example: text))
        let router = try #require(loader.load(path: "example.yaml").configuration?.router)
        #expect(router.limits == LimitsSection() && router.timeouts == TimeoutsSection())
        #expect(router.pool == PoolSection() && router.accessLog == AccessLogSection())
    }
}
