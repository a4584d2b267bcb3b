/// A JSON value, and a parser that accepts RFC 8259 and nothing beyond it.
enum StrictJSON: Equatable {
    case object([String: StrictJSON])
    case array([StrictJSON])
    case string(String)
    case number(Double)
    case bool(Bool)
    case null

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    init(parsing bytes: [UInt8]) throws {
        var parser = Parser(bytes: bytes)
        self = try parser.value()
        guard parser.index == bytes.count else { throw Failure(description: "garbage at \(parser.index)") }
    }

    subscript(_ name: String) -> StrictJSON? {
        guard case .object(let members) = self else { return nil }
        return members[name]
    }

    subscript(text name: String) -> String? {
        guard case .string(let text) = self[name] else { return nil }
        return text
    }

    private struct Parser {
        let bytes: [UInt8]
        var index = 0

        mutating func value() throws -> StrictJSON {
            switch self.peek {
            case UInt8(ascii: "{"): try self.object()
            case UInt8(ascii: "["): try self.array()
            case UInt8(ascii: "\""): .string(try self.string())
            case UInt8(ascii: "t"): try self.word("true", .bool(true))
            case UInt8(ascii: "f"): try self.word("false", .bool(false))
            case UInt8(ascii: "n"): try self.word("null", .null)
            default: try self.number()
            }
        }

        private var peek: UInt8 { self.index < self.bytes.count ? self.bytes[self.index] : 0 }

        private mutating func expect(_ byte: UInt8) throws {
            guard self.index < self.bytes.count, self.bytes[self.index] == byte else {
                throw Failure(description: "expected \(Character(Unicode.Scalar(byte))) at \(self.index)")
            }
            self.index += 1
        }

        private mutating func word(_ word: String, _ value: StrictJSON) throws -> StrictJSON {
            for byte in word.utf8 { try self.expect(byte) }
            return value
        }

        private mutating func object() throws -> StrictJSON {
            try self.expect(UInt8(ascii: "{"))
            var members: [String: StrictJSON] = [:]
            while self.peek != UInt8(ascii: "}") {
                if !members.isEmpty { try self.expect(UInt8(ascii: ",")) }
                let name = try self.string()
                guard members[name] == nil else { throw Failure(description: "member \(name) repeats") }
                try self.expect(UInt8(ascii: ":"))
                members[name] = try self.value()
            }
            try self.expect(UInt8(ascii: "}"))
            return .object(members)
        }

        private mutating func array() throws -> StrictJSON {
            try self.expect(UInt8(ascii: "["))
            var values: [StrictJSON] = []
            while self.peek != UInt8(ascii: "]") {
                if !values.isEmpty { try self.expect(UInt8(ascii: ",")) }
                values.append(try self.value())
            }
            try self.expect(UInt8(ascii: "]"))
            return .array(values)
        }

        private mutating func number() throws -> StrictJSON {
            let start = self.index
            while [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(self.peek) || (0x30...0x39).contains(self.peek) {
                self.index += 1
            }
            guard let number = Double(String(decoding: self.bytes[start..<self.index], as: UTF8.self)) else {
                throw Failure(description: "no value at \(start)")
            }
            return .number(number)
        }

        private mutating func string() throws -> String {
            try self.expect(UInt8(ascii: "\""))
            var units: [UInt16] = []
            var plain: [UInt8] = []
            func flush() throws {
                guard let text = String(validating: plain, as: UTF8.self) else {
                    throw Failure(description: "not UTF-8")
                }
                units += Array(text.utf16)
                plain = []
            }
            while self.peek != UInt8(ascii: "\"") {
                guard self.index < self.bytes.count, self.peek >= 0x20 else {
                    throw Failure(description: "control character or end inside a string at \(self.index)")
                }
                let byte = self.bytes[self.index]
                self.index += 1
                if byte == UInt8(ascii: "\\") {
                    try flush()
                    units.append(try self.escape())
                } else {
                    plain.append(byte)
                }
            }
            try flush()
            try self.expect(UInt8(ascii: "\""))
            return String(decoding: units, as: UTF16.self)
        }

        private mutating func escape() throws -> UInt16 {
            let byte = self.peek
            self.index += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UInt16(byte)
            case UInt8(ascii: "n"): return 10
            case UInt8(ascii: "r"): return 13
            case UInt8(ascii: "t"): return 9
            case UInt8(ascii: "u"):
                guard self.index + 4 <= self.bytes.count,
                    let unit = UInt16(
                        String(decoding: self.bytes[self.index..<self.index + 4], as: UTF8.self),
                        radix: 16
                    )
                else { throw Failure(description: "bad \\u at \(self.index)") }
                self.index += 4
                return unit
            default: throw Failure(description: "bad escape at \(self.index)")
            }
        }
    }
}
