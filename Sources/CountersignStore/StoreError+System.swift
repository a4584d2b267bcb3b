import CountersignIssuance
import GRDB
import Glibc

extension StoreError {
    /// A system call that failed, with what it was for.
    ///
    /// - Parameter number: The error number.
    static func system(_ action: String, _ number: Int32 = errno) -> StoreError {
        let reason = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
        return StoreError(.unavailable, "cannot \(action): \(reason)")
    }

    /// An error of the database library; its text carries neither values nor statements.
    init(database error: any Error) {
        switch error {
        case let error as StoreError:
            self = error
        case let error as DatabaseError:
            let message = error.message ?? "no further message"
            self.init(
                .unavailable,
                "the inventory database cannot be used: \(message) (SQLite code \(error.extendedResultCode.rawValue))"
            )
        default:
            self.init(.unavailable, "the inventory database cannot be used: \(type(of: error))")
        }
    }
}

/// Runs `body` and turns what it throws into a ``StoreError``.
func databaseCall<Value>(_ body: () throws -> Value) throws(StoreError) -> Value {
    do {
        return try body()
    } catch {
        throw StoreError(database: error)
    }
}
