import CountersignIssuance
import CountersignPKI
import FoundationEssentials
import GRDB

/// Reads the columns of a row from left to right; a value of the wrong kind is an error, not a trap.
struct ColumnReader {
    private let row: Row
    private let table: String
    private var index: Int

    /// Begins at a column.
    ///
    /// - Parameter table: What errors name.
    init(_ row: Row, table: String, from index: Int = 0) {
        self.row = row
        self.table = table
        self.index = index
    }

    mutating func integer() throws(StoreError) -> Int64 {
        guard let value = try self.optionalInteger() else { throw Self.damaged(self.table) }
        return value
    }

    mutating func optionalInteger() throws(StoreError) -> Int64? {
        switch self.next().storage {
        case .null: nil
        case .int64(let value): value
        default: throw Self.damaged(self.table)
        }
    }

    mutating func text() throws(StoreError) -> String {
        guard let value = try self.optionalText() else { throw Self.damaged(self.table) }
        return value
    }

    mutating func optionalText() throws(StoreError) -> String? {
        switch self.next().storage {
        case .null: nil
        case .string(let value): value
        default: throw Self.damaged(self.table)
        }
    }

    mutating func bytes() throws(StoreError) -> [UInt8] {
        guard let value = try self.optionalBytes() else { throw Self.damaged(self.table) }
        return value
    }

    mutating func optionalBytes() throws(StoreError) -> [UInt8]? {
        switch self.next().storage {
        case .null: nil
        case .blob(let value): Array(value)
        default: throw Self.damaged(self.table)
        }
    }

    /// Hexadecimal text.
    mutating func hexadecimal() throws(StoreError) -> String {
        guard let text = HexadecimalColumn.text(self.next()) else { throw Self.damaged(self.table) }
        return text
    }

    /// A list of texts.
    mutating func list() throws(StoreError) -> [String] {
        guard let list = TextListColumn.list(try self.text()) else { throw Self.damaged(self.table) }
        return list
    }

    /// A list of texts; nil where there is none.
    mutating func optionalList() throws(StoreError) -> [String]? {
        guard let text = try self.optionalText() else { return nil }
        guard let list = TextListColumn.list(text) else { throw Self.damaged(self.table) }
        return list
    }

    /// A value of a closed set.
    mutating func member<Value: RawRepresentable>(
        of type: Value.Type
    ) throws(StoreError) -> Value where Value.RawValue == String {
        guard let value = Value(rawValue: try self.text()) else { throw Self.damaged(self.table) }
        return value
    }

    /// The reason of a revocation; nil where there is none.
    mutating func optionalReason() throws(StoreError) -> RevocationReason? {
        guard let number = try self.optionalInteger() else { return nil }
        guard let reason = RevocationReason(rawValue: Int(number)) else { throw Self.damaged(self.table) }
        return reason
    }

    /// What parses from the next text; nil where there is none.
    mutating func optional<Value>(_ parse: (String) throws -> Value) throws(StoreError) -> Value? {
        guard let text = try self.optionalText() else { return nil }
        guard let value = try? parse(text) else { throw Self.damaged(self.table) }
        return value
    }

    /// The error for a row that cannot be what this program wrote.
    static func damaged(_ table: String) -> StoreError {
        StoreError(.unavailable, "the inventory database is damaged: the table \(table) has an impossible value")
    }

    private mutating func next() -> DatabaseValue {
        defer { self.index += 1 }
        return self.row[self.index]
    }
}
