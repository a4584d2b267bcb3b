import Testing

@testable import CountersignTelemetry

@Suite struct AccessLogInjectionTests {
    enum HeadField: String, CaseIterable, Sendable {
        case method
        case host
        case target
        case userAgent = "user_agent"
        case referer
        case forwardedFor = "x_forwarded_for"
        case requestID = "request_id"

        func set(_ value: [UInt8], in sample: inout AccessLogSample) {
            switch self {
            case .method: sample.method = value
            case .host: sample.host = value
            case .target: sample.target = value
            case .userAgent: sample.userAgent = value
            case .referer: sample.referer = value
            case .forwardedFor: sample.forwardedFor = value
            case .requestID: sample.requestID = value
            }
        }
    }

    private static let attacks: [[UInt8]] = [
        Array("x\n{\"status\":200,\"mtls_auth\":\"allowed\"}".utf8),
        Array("x\r\nhost - [] \"GET / HTTP/1.1\" 200".utf8),
        Array("x\",\"mtls_auth\":\"allowed\",\"y\":\"".utf8),
        Array("x\" mtls_auth:\"allowed\" caller_cf_app:\"admin".utf8),
        Array("x\\".utf8),
        Array("x\\\"".utf8),
        Array("nul\0nul".utf8),
        Array("\u{1B}]0;owned\u{7}\u{1B}[2J".utf8),
        Array("c1 \u{9B}31m nel\u{85}x ls\u{2028}x".utf8),
        Array("rlo \u{202E}gpj.exe".utf8),
        [0x78, 0xFF, 0xFE, 0x22, 0xC3],
        [0xC0, 0xA2, 0xE0, 0x80, 0xA2, 0xF8, 0x88, 0x80, 0x80, 0xA2],
        (0...255).map { UInt8($0) },
    ]

    @Test(arguments: HeadField.allCases, attacks)
    func `a request's field stays one JSON string`(field: HeadField, attack: [UInt8]) throws {
        var sample = AccessLogSample()
        sample.outcome.authorization = .denied
        field.set(attack, in: &sample)
        let line = try Self.harmlessLine(of: sample)
        let json = try StrictJSON(parsing: line)
        #expect(json[text: field.rawValue] == String(decoding: attack, as: UTF8.self))
        #expect(json[text: "mtls_auth"] == "denied")
        #expect(json["y"] == nil)
    }

    @Test(arguments: HeadField.allCases, attacks)
    func `a request's field does not end its place in the text form`(field: HeadField, attack: [UInt8]) throws {
        var sample = AccessLogSample()
        sample.configuration.form = .text
        sample.outcome.authorization = .denied
        let expected = try Self.textFields(of: Self.harmlessLine(of: sample)).count
        field.set(attack, in: &sample)
        let fields = try Self.textFields(of: Self.harmlessLine(of: sample))
        #expect(fields.count == expected)
        #expect(fields.filter { $0.hasPrefix("mtls_auth:") } == ["mtls_auth:\"denied\""])
    }

    @Test(arguments: AccessLogKey.allCases, attacks)
    func `a field rendered ahead stays one field in both forms`(key: AccessLogKey, attack: [UInt8]) throws {
        var sample = AccessLogSample()
        sample.outcome.authorization = .denied
        sample.upstream = nil
        sample.decision = []
        sample.connection = [(key, attack)]
        let json = try StrictJSON(parsing: Self.harmlessLine(of: sample))
        let name = "\(key.jsonLead)".dropFirst(2).dropLast(3)
        #expect(json[text: String(name)] == String(decoding: attack, as: UTF8.self))
        #expect(json[text: "mtls_auth"] == "denied")
        sample.configuration.form = .text
        let fields = try Self.textFields(of: Self.harmlessLine(of: sample))
        sample.connection = [(key, Array("harmless".utf8))]
        let expected = try Self.textFields(of: Self.harmlessLine(of: sample))
        #expect(fields.count == expected.count)
        #expect(fields.filter { $0.hasPrefix("mtls_auth:") } == ["mtls_auth:\"denied\""])
    }

    private static func harmlessLine(of sample: AccessLogSample) throws -> [UInt8] {
        let bytes = try sample.render()
        let line = Array(bytes.dropLast())
        #expect(bytes.last == 0x0A)
        #expect(line.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        let text = try #require(String(validating: line, as: UTF8.self))
        #expect(
            !text.unicodeScalars.contains { (0x80...0x9F).contains($0.value) || $0 == "\u{2028}" || $0 == "\u{202E}" }
        )
        return line
    }

    /// Splits a line at spaces outside of quotes, honouring escapes.
    private static func textFields(of line: [UInt8]) -> [String] {
        var fields: [[UInt8]] = [[]]
        var isQuoted = false
        var isEscaped = false
        for byte in line {
            if byte == 0x20, !isQuoted {
                fields.append([])
                continue
            }
            if byte == 0x22, !isEscaped { isQuoted.toggle() }
            isEscaped = byte == 0x5C && !isEscaped
            fields[fields.count - 1].append(byte)
        }
        return fields.map { String(decoding: $0, as: UTF8.self) }
    }
}
