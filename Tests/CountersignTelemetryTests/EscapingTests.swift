import Testing

@testable import CountersignTelemetry

@Suite struct EscapingTests {
    @Test(arguments: [
        ("plain text", "plain text"),
        ("", ""),
        ("a\"b\\c", "a\\\"b\\\\c"),
        ("line\nfeed\rreturn\ttab", "line\\nfeed\\rreturn\\ttab"),
        ("nul\u{0}bell\u{7}esc\u{1B}[31m", "nul\\u0000bell\\u0007esc\\u001b[31m"),
        ("del\u{7F}", "del\\u007f"),
        ("csi\u{9B}2J nel\u{85}", "csi\\u009b2J nel\\u0085"),
        ("ls\u{2028}ps\u{2029}rlo\u{202E}bom\u{FEFF}", "ls\\u2028ps\\u2029rlo\\u202ebom\\ufeff"),
        ("häuser €uro 𝄞 日本", "häuser €uro 𝄞 日本"),
    ])
    func `escapes what could end a field, a line or steer a terminal`(text: String, escaped: String) {
        #expect(Self.escape(Array(text.utf8)) == Array(escaped.utf8))
    }

    @Test(
        arguments: [
            ([0xFF], "\\ufffd"),
            ([0x61, 0x80, 0x62], "a\\ufffdb"),
            ([0xC0, 0x80], "\\ufffd\\ufffd"),
            ([0xC3], "\\ufffd"),
            ([0xE2, 0x82], "\\ufffd"),
            ([0xE2, 0x82, 0x22], "\\ufffd\\\""),
            ([0xED, 0xA0, 0x80], "\\ufffd\\ufffd\\ufffd"),
            ([0xF4, 0x90, 0x80, 0x80], "\\ufffd\\ufffd\\ufffd\\ufffd"),
            ([0xF0, 0x9F, 0x98, 0x0A], "\\ufffd\\n"),
        ] as [([UInt8], String)]
    )
    func `replaces each ill-formed sequence`(bytes: [UInt8], escaped: String) {
        #expect(Self.escape(bytes) == Array(escaped.utf8))
    }

    @Test func `escapes spaces only where a space ends the field`() {
        #expect(Self.escape(Array("a b".utf8), for: .quoted) == Array("a b".utf8))
        #expect(
            Self.escape(Array("a b and some more".utf8), for: .bare)
                == Array(#"a\u0020b\u0020and\u0020some\u0020more"#.utf8)
        )
    }

    @Test func `finds a special byte at every position of every length`() throws {
        for length in 1...40 {
            for position in 0..<length {
                for special in [0x00, 0x1F, 0x22, 0x5C, 0x7F, 0x80, 0xC3] as [UInt8] {
                    var bytes = [UInt8](repeating: 0x61, count: length)
                    bytes[position] = special
                    #expect(Self.escape(bytes) == Self.reference(bytes), "\(special) at \(position) of \(length)")
                }
            }
        }
    }

    @Test func `agrees with a slow reference and always yields a JSON string`() throws {
        var random = SystemRandomNumberGenerator()
        let interesting: [UInt8] = [
            0, 0x0A, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x5B, 0x5C, 0x5D, 0x7E, 0x7F, 0x80, 0xC2, 0xE2, 0xF0,
        ]
        for _ in 0..<3000 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                Bool.random(using: &random) ? UInt8.random(in: 0...255, using: &random) : interesting.randomElement()!
            }
            let escaped = Self.escape(bytes)
            #expect(escaped == Self.reference(bytes), "\(bytes)")
            #expect(escaped.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "\(bytes)")
            let parsed = try StrictJSON(parsing: [0x22] + escaped + [0x22])
            #expect(parsed == .string(String(decoding: bytes, as: UTF8.self)), "\(bytes)")
        }
    }

    @Test func `cuts long text between scalars and marks the cut`() {
        var writer = ByteWriter()
        writer.append(escaping: Array("aaaé".utf8).span, limit: 4)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "aaa...")
        writer.reset()
        writer.append(escaping: Array("aaaé".utf8).span, limit: 5)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "aaaé")
    }

    private static func escape(_ bytes: [UInt8], for place: ByteWriter.EscapePlace = .quoted) -> [UInt8] {
        var writer = ByteWriter()
        writer.append(escaping: bytes.span, for: place)
        return writer.bytes
    }

    /// The same rules by way of the standard library's decoding.
    private static func reference(_ bytes: [UInt8]) -> [UInt8] {
        var result = ""
        let isRepaired = String(validating: bytes, as: UTF8.self) == nil
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar.value {
            case 0x22: result += "\\\""
            case 0x5C: result += "\\\\"
            case 0x0A: result += "\\n"
            case 0x0D: result += "\\r"
            case 0x09: result += "\\t"
            case 0xFFFD where isRepaired: result += "\\ufffd"
            case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return Array(result.utf8)
    }
}
