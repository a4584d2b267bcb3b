import Glibc
import Logging
import Testing

@testable import CountersignTelemetry

@Suite struct StructuredLogHandlerTests {
    @Test func `writes an event as one JSON object`() throws {
        let json = try Self.json { logger in
            logger.warning("config refused", metadata: ["countersign.file": "a.yaml", "line": .stringConvertible(12)])
        }
        #expect(
            json
                == .object([
                    "time": .string("2026-03-20T10:15:00.123Z"), "level": .string("warning"),
                    "logger": .string("countersign.test"), "message": .string("config refused"),
                    "countersign.file": .string("a.yaml"), "line": .number(12),
                ])
        )
    }

    @Test func `writes an event as one line of text`() {
        let line = Self.lines(form: .text) { logger in
            logger.error("it \"failed\"\nbadly", metadata: ["b": "two words", "a": ["x", "y"]])
        }
        #expect(
            line == #"2026-03-20T10:15:00.123Z ERROR countersign.test: it \"failed\"\nbadly a=["x","y"] b="two words""#
                + "\n"
        )
    }

    @Test(
        arguments: LogForm.allCases,
        [
            "a\n{\"level\":\"info\",\"message\":\"forged\"}", "a\r\n2026 INFO x: forged", "\u{1B}[2J\u{7}", "nul\0",
            "q\" level=\"x",
            "back\\", "\u{9B}31m", "\u{2028}", "\u{202E}",
        ]
    )
    func `cannot be made to write a second line`(form: LogForm, attack: String) throws {
        let text = Self.lines(form: form) { logger in
            var logger = logger
            logger[metadataKey: attack] = "\(attack)"
            logger.info("\(attack)", metadata: ["nested": ["\(attack)": ["\(attack)"]]])
        }
        #expect(text.count { $0 == "\n" } == 1 && text.hasSuffix("\n"))
        #expect(text.unicodeScalars.dropLast().allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
        guard form == .json else { return }
        let json = try StrictJSON(parsing: Array(text.dropLast().utf8))
        #expect(json[text: "message"] == attack)
        #expect(json[text: attack] == attack)
        #expect(json["nested"]?[attack] == .array([.string(attack)]))
    }

    @Test func `follows the switch unless a logger has a level of its own`() {
        let setup = Self.setup(.json)
        let first = setup.logger
        var second = setup.logger
        #expect(first.logLevel == .info)
        setup.levels.level = .debug
        #expect(first.logLevel == .debug && second.logLevel == .debug)
        second.logLevel = .error
        setup.levels.level = .trace
        #expect(first.logLevel == .trace && second.logLevel == .error)
        setup.levels.level = .critical
        first.error("not written")
        first.critical("written")
        #expect(setup.file.text.split(separator: "\n").count == 1)
    }

    @Test func `merges metadata of logger, provider and event, the event's last`() throws {
        let json = try Self.json { logger in
            var handler = logger
            handler[metadataKey: "a"] = "logger"
            handler[metadataKey: "b"] = "logger"
            handler.info("m", metadata: ["b": "event"])
        }
        #expect(json[text: "a"] == "logger" && json[text: "b"] == "event")
    }

    @Test func `keeps metadata from posing as the line's own fields`() throws {
        let json = try Self.json { logger in
            logger.info("real", metadata: ["message": "fake", "level": "fake", "time": "fake"])
        }
        #expect(json[text: "message"] == "real" && json[text: "level"] == "info")
        #expect(json[text: "_message"] == "fake" && json[text: "_time"] == "fake")
    }

    @Test func `redacts secrets by key and by form, however deep`() throws {
        let key = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----"
        let text = Self.lines(form: .json) { logger in
            logger.info(
                "m",
                metadata: [
                    "authorization": "s3cret", "clientSecret": "s3cret", "request": ["set-cookie": "s3cret"],
                    "tokens": ["s3cret"], "pem": "\(key)", "header": "Bearer s3cret", "key.id": "visible-1",
                ]
            )
            logger.info("\(key)")
        }
        #expect(!text.contains("s3cret") && !text.contains("MHcCAQEE"))
        #expect(text.contains("visible-1"))
        #expect(text.split(separator: "[redacted]", omittingEmptySubsequences: false).count == 8)
    }

    @Test func `writes the error of an event, and its type`() throws {
        let json = try Self.json { logger in
            logger.error("open failed", error: SystemCallError(call: "open", number: ENOENT))
        }
        #expect(json[text: "error"] == "open: No such file or directory")
        #expect(json[text: "error_type"] == "SystemCallError")
    }

    private static func json(_ body: (Logger) -> Void) throws -> StrictJSON {
        try StrictJSON(parsing: Array(Self.lines(form: .json, body).dropLast().utf8))
    }

    private static func lines(form: LogForm, _ body: (Logger) -> Void) -> String {
        let setup = Self.setup(form)
        body(setup.logger)
        return setup.file.text
    }

    private static func setup(_ form: LogForm) -> (logger: Logger, levels: LogLevelSwitch, file: OpenFile) {
        let file = OpenFile()
        let levels = LogLevelSwitch(.info)
        let logger = Logger(label: "countersign.test") { label in
            StructuredLogHandler(
                label: label,
                form: form,
                output: LogOutput(descriptor: file.descriptor),
                levelSwitch: levels,
                clock: { 1_774_001_700_123_456_789 }
            )
        }
        return (logger, levels, file)
    }
}
