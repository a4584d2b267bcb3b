import FoundationEssentials
import GRDB

/// One change as it was made, with everything that was decided on the way: what the issuance log holds, and all that is
/// needed to make the change again.
///
/// The values are those of the row that the change writes. Later versions may only add values at the end.
struct LogEntry {
    /// What the change is.
    var kind: Kind
    /// The values.
    var values: [DatabaseValue]

    /// The kinds of change; the numbers are the log's and never change.
    enum Kind: UInt8 {
        case certificate = 1
        case revocation = 2
        case revocationListNumber = 3
        case service = 4
        case serviceRemoval = 5
        case token = 6
        case tokenUse = 7
        case tokenRemoval = 8
        case agent = 9
        case agentRemoval = 10
        case audit = 11
        /// The numbers of lists and events were raised because a log was given up.
        case numberJump = 12
        case rotation = 13
        case compromisedKey = 14
    }
}

extension LogEntry {
    private enum Tag {
        static let null: UInt8 = 0
        static let integer: UInt8 = 1
        static let text: UInt8 = 2
        static let bytes: UInt8 = 3
    }

    /// Appends the entry's bytes: kind, number of values, and each value with a tag.
    func encode(into bytes: inout [UInt8]) {
        bytes.append(self.kind.rawValue)
        bytes.append(UInt8(truncatingIfNeeded: self.values.count))
        for value in self.values {
            switch value.storage {
            case .int64(let integer):
                bytes.append(Tag.integer)
                bytes.append(variableLength: UInt64(bitPattern: integer << 1 ^ integer >> 63))
            case .string(let text):
                bytes.append(Tag.text)
                var text = text
                text.withUTF8 { utf8 in
                    bytes.append(variableLength: UInt64(utf8.count))
                    unsafe bytes.append(contentsOf: utf8)
                }
            case .blob(let data):
                bytes.append(Tag.bytes)
                bytes.append(variableLength: UInt64(data.count))
                bytes.append(contentsOf: data)
            case .null, .double:
                bytes.append(Tag.null)
            }
        }
    }

    /// Reads the entry that begins at `index`, and moves `index` behind it; nil when there is none.
    init?(_ bytes: ArraySlice<UInt8>, at index: inout Int) {
        guard let kind = bytes.byte(at: &index).flatMap(Kind.init(rawValue:)), let count = bytes.byte(at: &index) else {
            return nil
        }
        self.kind = kind
        self.values = []
        for _ in 0..<count {
            guard let tag = bytes.byte(at: &index), let value = Self.value(tag, bytes, at: &index) else { return nil }
            self.values.append(value)
        }
    }

    private static func value(_ tag: UInt8, _ bytes: ArraySlice<UInt8>, at index: inout Int) -> DatabaseValue? {
        guard tag != Tag.null else { return .null }
        guard let number = bytes.variableLength(at: &index) else { return nil }
        if tag == Tag.integer {
            return (Int64(bitPattern: number >> 1) ^ -Int64(number & 1)).databaseValue
        }
        guard number <= UInt64(bytes.endIndex - index) else { return nil }
        let content = bytes[index..<(index + Int(number))]
        index += Int(number)
        switch tag {
        case Tag.text: return String(validating: content, as: UTF8.self)?.databaseValue
        case Tag.bytes: return Data(content).databaseValue
        default: return nil
        }
    }
}

extension Array where Element == UInt8 {
    fileprivate mutating func append(variableLength value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            self.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.append(UInt8(truncatingIfNeeded: rest))
    }
}

extension ArraySlice where Element == UInt8 {
    fileprivate func byte(at index: inout Int) -> UInt8? {
        guard index < self.endIndex else { return nil }
        defer { index += 1 }
        return self[index]
    }

    fileprivate func variableLength(at index: inout Int) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = self.byte(at: &index) else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }
}
