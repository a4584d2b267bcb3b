import CountersignIssuance
import GRDB

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

    /// Runs a statement.
    ///
    /// - Returns: how many rows it wrote or removed.
    @discardableResult
    func run(_ statement: WriterStatement, _ values: [DatabaseValue] = []) throws(StoreError) -> Int {
        try databaseCall {
            let prepared = try self.prepared(statement)
            try prepared.execute(arguments: StatementArguments(values))
            return self.database.changesCount
        }
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

    private func prepared(_ statement: WriterStatement) throws -> Statement {
        if let prepared = self.statements[statement.rawValue] { return prepared }
        let prepared = try self.database.makeStatement(sql: statement.sql)
        self.statements[statement.rawValue] = prepared
        return prepared
    }
}
