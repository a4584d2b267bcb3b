/// Why the store did not do what was asked; equal when the codes are.
package struct StoreError: Error, Sendable {
    /// The kind of problem.
    package let code: Code
    /// One sentence for the operator.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The kinds of problem.
    package enum Code: String, Sendable, CaseIterable {
        case serialRepeated = "serial_repeated"
        case unknownSerial = "unknown_serial"
        case alreadyRevoked = "already_revoked"
        case notHeld = "not_held"
        case numberNotAbove = "number_not_above"
        case unknownService = "unknown_service"
        case nameTaken = "name_taken"
        case unknownToken = "unknown_token"
        case tokenUsed = "token_used"
        case tokenExpired = "token_expired"
        case unknownAgent = "unknown_agent"
        /// The database cannot be read or written: disk full, damaged, locked, closed, or too much is waiting for it.
        case unavailable
        /// The database and the issuance log disagree; see the message.
        case needsReconciliation = "needs_reconciliation"
        /// The database was written by a newer version of the program.
        case newerSchema = "newer_schema"
    }
}

extension StoreError: Hashable {
    package static func == (left: StoreError, right: StoreError) -> Bool { left.code == right.code }
    package func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

extension StoreError: CustomStringConvertible {
    package var description: String { message }
}
