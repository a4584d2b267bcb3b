import CountersignIssuance
import CountersignPKI
import FoundationEssentials
import GRDB

/// Decides whether a change can be made, and what exactly it then is.
struct ChangeResolver {
    /// Where from.
    let connection: WriterConnection
    /// Where serial numbers are until they are indexed.
    let serials: SerialIndex

    /// The log entry of a change, and the revocation event that it is, if it is one.
    ///
    /// - Parameter state: The counters before it.
    /// - Throws: the rejections of ``StoreChange``, those aside that only the attempt shows.
    func resolve(
        _ change: StoreChange,
        _ state: StoreState
    ) throws(StoreError) -> (entry: LogEntry, event: RevocationEvent?) {
        if case .revoke(let serial, let reason, let date, let actor) = change {
            return try self.revoke(serial, reason, date, actor, state)
        }
        return (try self.entry(change, state), nil)
    }

    private func entry(_ change: StoreChange, _ state: StoreState) throws(StoreError) -> LogEntry {
        switch change {
        case .issue(let record):
            return LogEntry(kind: .certificate, values: record.values)
        case .revoke(let serial, let reason, let date, let actor):
            return try self.revoke(serial, reason, date, actor, state).entry
        case .compromiseKey(let digest):
            return LogEntry(kind: .compromisedKey, values: [Data(digest).databaseValue])
        case .revocationListNumber(let issuer, let number):
            return try self.advance(issuer, to: number, state)
        case .putService(let service):
            return LogEntry(kind: .service, values: service.values)
        case .removeService(let name):
            return LogEntry(kind: .serviceRemoval, values: [name.databaseValue])
        case .addToken(let token):
            return LogEntry(kind: .token, values: token.values)
        case .useToken(let digest, let date):
            return try self.useToken(digest, date)
        case .removeToken(let name):
            return LogEntry(kind: .tokenRemoval, values: [name.databaseValue])
        case .putAgent(let agent):
            return LogEntry(kind: .agent, values: agent.values)
        case .removeAgent(let name):
            return LogEntry(kind: .agentRemoval, values: [name.databaseValue])
        case .requestRotation(let service, let date):
            return LogEntry(kind: .rotation, values: [service.databaseValue, date.databaseValue])
        case .audit(let record):
            var record = record
            record.sequence = state.auditSequence + 1
            return LogEntry(kind: .audit, values: record.values)
        }
    }

    private func revoke(
        _ serial: String,
        _ reason: RevocationReason,
        _ date: Int64,
        _ actor: String,
        _ state: StoreState
    ) throws(StoreError) -> (entry: LogEntry, event: RevocationEvent?) {
        let key = HexadecimalColumn.value(serial)
        let recent = self.serials.id(of: SerialKey(key))?.databaseValue ?? .null
        guard let row = try self.connection.row(.findCertificate, [recent, key]) else {
            throw StoreError(.unknownSerial, "no certificate with the serial number \(serial) was issued here")
        }
        var reader = ColumnReader(row, table: "certificates")
        let (issuer, notAfter) = (try reader.hexadecimal(), try reader.integer())
        let current = try reader.optionalReason()
        let certificate = try reader.integer()
        try Self.check(reason, after: current, serial)
        let event = RevocationEvent(
            sequence: state.revocationSequence + 1,
            serial: serial,
            issuerKeyID: issuer,
            date: date,
            reason: reason,
            notAfter: notAfter
        )
        let isFirst: Int64 = current == nil ? 1 : 0
        let values = event.values + [actor.databaseValue, isFirst.databaseValue, certificate.databaseValue]
        return (LogEntry(kind: .revocation, values: values), event)
    }

    private static func check(
        _ reason: RevocationReason,
        after current: RevocationReason?,
        _ serial: String
    ) throws(StoreError) {
        if reason == .removeFromCRL {
            guard current == .certificateHold else {
                throw StoreError(.notHeld, "the certificate \(serial) is not on hold; only a hold can be released")
            }
        } else if let current, current != .certificateHold || reason == .certificateHold {
            // What becomes known of its key afterwards matters to everybody who had its certificates.
            if reason.meansCompromise, !current.meansCompromise { return }
            throw StoreError(.alreadyRevoked, "the certificate \(serial) is revoked already (\(current.name))")
        }
    }

    private func advance(_ issuer: String, to number: Int64, _ state: StoreState) throws(StoreError) -> LogEntry {
        let key = HexadecimalColumn.value(issuer)
        var newest = state.listNumberFloor
        if let row = try self.connection.row(.findRevocationListNumber, [key]) {
            var reader = ColumnReader(row, table: "revocation_lists")
            newest = max(newest, try reader.integer())
        }
        guard number > newest else {
            throw StoreError(.numberNotAbove, "the revocation list number \(number) is not above \(newest)")
        }
        return LogEntry(kind: .revocationListNumber, values: [key, number.databaseValue])
    }

    private func useToken(_ digest: String, _ date: Int64) throws(StoreError) -> LogEntry {
        let key = HexadecimalColumn.value(digest)
        guard let row = try self.connection.row(.findToken, [key]) else {
            throw StoreError(.unknownToken, "there is no such join token")
        }
        let token = try AccessToken(row: row)
        guard case .join = token.kind else { throw StoreError(.unknownToken, "there is no such join token") }
        guard token.usedAt == nil else {
            throw StoreError(.tokenUsed, "the join token \(token.name) was used already; each admits one agent once")
        }
        if let end = token.expiresAt, date > end {
            throw StoreError(.tokenExpired, "the join token \(token.name) has expired; ask for a new one")
        }
        return LogEntry(kind: .tokenUse, values: [date.databaseValue, key])
    }
}
