import CountersignIssuance
import CountersignPKI
import GRDB

/// Makes the changes that log entries describe: the new ones, and once more those that the database has lost.
struct EntryWriter {
    /// Where to.
    let connection: WriterConnection
    /// Where serial numbers are until they are indexed.
    let serials: SerialIndex

    /// Makes one change.
    ///
    /// - Parameter state: The counters, which follow.
    /// - Throws: the rejections that only the attempt shows, and `unavailable`.
    func write(_ entry: LogEntry, _ state: inout StoreState) throws(StoreError) {
        let values = entry.values
        switch entry.kind {
        case .certificate:
            try self.writeCertificate(values, &state)
        case .revocation:
            try self.writeRevocation(values, &state)
        case .compromisedKey:
            try self.connection.run(.putCompromisedKey, values)
        case .revocationListNumber:
            try self.connection.run(.putRevocationListNumber, values)
        case .service:
            // A log of an earlier version has fewer values.
            let missing = max(0, ServiceRegistration.columnCount - values.count)
            try self.connection.run(.putService, values + [DatabaseValue](repeating: .null, count: missing))
        case .serviceRemoval:
            try self.require(.removeService, values, or: .unknownService, "there is no service of that name")
        case .token:
            let message =
                "there is a token of that name that is still good; remove it first (countersign tokens remove), or choose "
                + "another name"
            try self.require(.addToken, values, or: .nameTaken, message)
        case .tokenUse:
            try self.require(.useToken, values, or: .unknownToken, "there is no such token")
        case .tokenRemoval:
            try self.require(.removeToken, values, or: .unknownToken, "there is no token of that name")
        case .agent:
            try self.connection.run(.putAgent, values)
        case .agentRemoval:
            try self.require(.removeAgent, values, or: .unknownAgent, "there is no agent of that name")
        case .rotation:
            try self.connection.run(.putRotation, values)
        case .audit:
            try self.connection.run(.appendAudit, values)
            state.auditSequence = try Self.integer(values, 0)
        case .numberJump:
            state.revocationSequence = try Self.integer(values, 0)
            state.listNumberFloor = try Self.integer(values, 1)
        }
    }

    private func writeCertificate(_ values: [DatabaseValue], _ state: inout StoreState) throws(StoreError) {
        guard values.count >= CertificateRecord.columnCount else {
            throw StoreError(.unavailable, "the issuance log has a certificate without all of its values")
        }
        let serial = values[CertificateRecord.serialPlace]
        let key = SerialKey(serial)
        // Before anything is written: a change that is alone in its transaction has no savepoint.
        guard self.serials.id(of: key) == nil, try self.connection.integers(.findSerial, [serial]) == nil else {
            throw StoreError(.serialRepeated, "the serial number is in use already")
        }
        let id = state.issued + 1
        let ofService = try self.append(id, toChain: .service, of: values)
        let ofSPIFFEID = try self.append(id, toChain: .spiffeID, of: values)
        let row = values.prefix(CertificateRecord.columnCount) + [id.databaseValue, ofService, ofSPIFFEID]
        try self.connection.run(.insertCertificate, row)
        state.issued = id
        self.serials.add(key, id: id)
    }

    /// Makes a certificate the newest of the chain that its values name, if they name one.
    ///
    /// - Returns: the one that was the newest before it, or null.
    private func append(
        _ certificate: Int64,
        toChain kind: CertificateChainKind,
        of values: [DatabaseValue]
    ) throws(StoreError) -> DatabaseValue {
        let name = values[CertificateRecord.place(of: kind)]
        guard !name.isNull else { return .null }
        let key = [kind.databaseValue, name]
        guard let found = try self.connection.integers(.findChain, key) else {
            let chain = try self.connection.insert(.insertChain, key)
            try self.connection.run(.putChainEnd, [chain.databaseValue, certificate.databaseValue])
            return .null
        }
        try self.connection.run(.putChainEnd, [found[0].databaseValue, certificate.databaseValue])
        return found[1].databaseValue
    }

    /// The values are those of the event, its actor, whether the certificate was neither revoked nor held, and its row
    /// id.
    private func writeRevocation(_ values: [DatabaseValue], _ state: inout StoreState) throws(StoreError) {
        try self.connection.run(.insertRevocationEvent, Array(values.prefix(7)))
        let certificate = try Self.integer(values, 8)
        let (sequence, reason) = (try Self.integer(values, 0), try Self.integer(values, 4))
        if reason == Int64(RevocationReason.removeFromCRL.rawValue) {
            try self.connection.run(.removeRevocation, [certificate.databaseValue])
        } else {
            try self.connection.run(.putRevocation, [certificate.databaseValue, values[0]])
        }
        state.revocationSequence = sequence
        state.revoked += try Self.integer(values, 7)
    }

    private func require(
        _ statement: WriterStatement,
        _ values: [DatabaseValue],
        or code: StoreError.Code,
        _ message: String
    ) throws(StoreError) {
        guard try self.connection.run(statement, values) == 1 else { throw StoreError(code, message) }
    }

    private static func integer(_ values: [DatabaseValue], _ index: Int) throws(StoreError) -> Int64 {
        guard index < values.count, case .int64(let value) = values[index].storage else {
            throw StoreError(.unavailable, "the issuance log has a record without its numbers")
        }
        return value
    }
}
