import CountersignConfiguration
import Testing

/// Whatever is done to a file, loading it ends with a configuration or with problems.
@Suite struct MutationTests {
    /// The same numbers in every run, so that a failure can be looked at again.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private static let fragments = [
        "{", "}", "[", "]", ":", ": ", "- ", "\n", "\n  ", "\t", "\"", "'", "|\n", ">-\n", "&a ", "*a", "!x ", "? ",
        "#", "---\n",
        "...\n", "${", "${A}", "$$", "~", "null", "true", "9999999999999999999999", "-1", "0", "é", "\u{E000}",
        "\u{FEFF}",
        "\u{2028}", "%YAML 1.1\n", "<<: *a\n", ",", "a: b\n", "\0", "\u{1F}", "10s", "-----BEGIN CERTIFICATE-----",
    ]

    private static func mutate(_ text: String, _ generator: inout Generator) -> String {
        var scalars = Array(text.unicodeScalars)
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let index = Int.random(in: 0...scalars.count, using: &generator)
            let end = min(scalars.count, index + Int.random(in: 0...30, using: &generator))
            switch Int.random(in: 0..<4, using: &generator) {
            case 0:
                scalars.removeSubrange(index..<end)
            case 1:
                scalars.insert(
                    contentsOf: scalars[index..<end],
                    at: Int.random(in: 0...scalars.count, using: &generator)
                )
            case 2:
                let fragment = fragments.randomElement(using: &generator) ?? ""
                scalars.replaceSubrange(index..<min(end, index + 1), with: fragment.unicodeScalars)
            default:
                let fragment = fragments.randomElement(using: &generator) ?? ""
                scalars.insert(contentsOf: fragment.unicodeScalars, at: index)
            }
        }
        var result = ""
        result.unicodeScalars.append(contentsOf: scalars)
        return result
    }

    @Test(
        "a mutated file is taken or refused",
        arguments: ["accepts-router-side", "accepts-authority-side", "warns-of-what-is-dangerous"]
    )
    func mutated(_ name: String) throws {
        let golden = try #require(GoldenCase.all.first { $0.name == name })
        let original = try golden.yaml()
        var generator = Generator(state: 42)
        var taken = 0
        var refused = 0
        for _ in 0..<400 {
            let text = Self.mutate(original, &generator)
            let result = load(text, environment: ["NATS_PASS": "x"])
            #expect((result.configuration == nil) == !result.problems.isEmpty)
            #expect(result.problems == result.problems.sorted(by: Self.isOrdered))
            for problem in result.problems {
                #expect(!problem.message.unicodeScalars.contains { $0.value < 0x20 }, "control character in a message")
            }
            if result.configuration == nil { refused += 1 } else { taken += 1 }
        }
        #expect(taken > 0 && refused > 0)
    }

    /// The note that problems were left out stands at the end.
    private static func isOrdered(_ left: ConfigurationProblem, _ right: ConfigurationProblem) -> Bool {
        left.place < right.place
    }

    @Test func everyBeginningOfAFileIsTakenOrRefused() throws {
        let text = try #require(GoldenCase.all.first { $0.name == "accepts-router-side" }).yaml()
        for length in stride(from: 0, to: text.count, by: 3) {
            let result = load(String(text.prefix(length)))
            #expect((result.configuration == nil) == !result.problems.isEmpty)
        }
    }
}
