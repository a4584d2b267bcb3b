import CountersignIssuance
import FoundationEssentials
import GRDB
import GRDBSQLite

/// The writing connection with its prepared statements.
///
/// A statement that failed cannot be used again; whoever sees an error drops the connection's wrapper and makes another.
final class WriterConnection {
    private let database: Database
    private var statements: [Statement?]

    /// Wraps the connection.
    init(_ database: Database) {
        self.database = database
        self.statements = Array(repeating: nil, count: WriterStatement.allCases.count)
    }

    /// Runs a statement without values.
    func run(_ statement: WriterStatement) throws(StoreError) {
        try databaseCall { try self.prepared(statement).execute() }
    }

    /// Runs a statement with values.
    ///
    /// The library's own way takes several times as long as SQLite itself does for one row.
    ///
    /// - Returns: how many rows it wrote or removed.
    @discardableResult
    func run(_ statement: WriterStatement, _ values: some Sequence<DatabaseValue>) throws(StoreError) -> Int {
        _ = try self.step(statement, values)
        return self.database.changesCount
    }

    /// Inserts a row.
    ///
    /// - Returns: the row's id.
    func insert(_ statement: WriterStatement, _ values: some Sequence<DatabaseValue>) throws(StoreError) -> Int64 {
        _ = try self.step(statement, values)
        return self.database.lastInsertedRowID
    }

    /// The first row of a query of whole numbers that are never NULL, without the detour that ``row(_:_:)`` is.
    ///
    /// - Returns: the row's columns; nil when there is no row.
    func integers(_ statement: WriterStatement, _ values: [DatabaseValue]) throws(StoreError) -> [Int64]? {
        try self.step(statement, values)
    }

    private func step(
        _ statement: WriterStatement,
        _ values: some Sequence<DatabaseValue>
    ) throws(StoreError) -> [Int64]? {
        let prepared = try databaseCall { try self.prepared(statement) }
        let handle = unsafe prepared.sqliteStatement
        var place: Int32 = 0
        for value in values {
            place += 1
            guard unsafe Self.bind(value, handle, place) == SQLITE_OK else { throw self.failure }
        }
        let outcome = unsafe sqlite3_step(handle)
        let found = outcome == SQLITE_ROW ? unsafe Self.integers(handle) : nil
        let error = outcome == SQLITE_DONE || outcome == SQLITE_ROW ? nil : self.failure
        unsafe sqlite3_reset(handle)
        if let error { throw error }
        return found
    }

    private static func integers(_ handle: OpaquePointer) -> [Int64] {
        unsafe (0..<sqlite3_column_count(handle)).map { unsafe sqlite3_column_int64(handle, $0) }
    }

    /// The first row of a query.
    func row(_ statement: WriterStatement, _ values: [DatabaseValue]) throws(StoreError) -> Row? {
        try databaseCall { try Row.fetchOne(self.prepared(statement), arguments: StatementArguments(values)) }
    }

    /// Ends the transaction and waits until it is on disk.
    ///
    /// - Throws: ``GroupFailure``, undone when the error shows that not everything was written: then nothing counts.
    func commit() throws(GroupFailure) {
        do {
            try self.prepared(.commit).execute()
        } catch {
            let code = (error as? DatabaseError)?.extendedResultCode
            let isUndone =
                code.map { [.SQLITE_FULL, .SQLITE_IOERR_WRITE, .SQLITE_BUSY, .SQLITE_NOMEM].contains($0) } ?? false
            throw GroupFailure(error: StoreError(database: error), isUndone: isUndone)
        }
    }

    /// Undoes the transaction, if there still is one.
    func rollback() {
        // SQLite has undone it by itself after some errors, and this one must not hide the first.
        guard self.database.isInsideTransaction else { return }
        _ = try? self.run(.rollback)
    }

    /// The last error of the connection.
    private var failure: StoreError {
        let code = unsafe sqlite3_extended_errcode(self.database.sqliteConnection)
        let message = unsafe sqlite3_errmsg(self.database.sqliteConnection).map { unsafe String(cString: $0) }
        return StoreError(database: DatabaseError(resultCode: ResultCode(rawValue: code), message: message))
    }

    private func prepared(_ statement: WriterStatement) throws -> Statement {
        if let prepared = self.statements[statement.rawValue] { return prepared }
        let prepared = try self.database.makeStatement(sql: statement.sql)
        self.statements[statement.rawValue] = prepared
        return prepared
    }

    private static func bind(_ value: DatabaseValue, _ handle: OpaquePointer, _ place: Int32) -> Int32 {
        // SQLite copies what it is given before the call returns.
        let copies = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value.storage {
        case .null:
            return unsafe sqlite3_bind_null(handle, place)
        case .int64(let integer):
            return unsafe sqlite3_bind_int64(handle, place, integer)
        case .double(let double):
            return unsafe sqlite3_bind_double(handle, place, double)
        case .string(var text):
            guard !text.isEmpty else { return unsafe sqlite3_bind_text(handle, place, "", 0, copies) }
            return text.withUTF8 { utf8 in
                unsafe utf8.withMemoryRebound(to: CChar.self) { characters in
                    unsafe sqlite3_bind_text(handle, place, characters.baseAddress, Int32(characters.count), copies)
                }
            }
        case .blob(let data):
            // Without an address it would be a null.
            guard !data.isEmpty else { return unsafe sqlite3_bind_zeroblob(handle, place, 0) }
            return unsafe data.withUnsafeBytes { bytes in
                unsafe sqlite3_bind_blob(handle, place, bytes.baseAddress, Int32(bytes.count), copies)
            }
        }
    }
}
