import CountersignIssuance
import FoundationEssentials
import GRDB

extension CertificateRecord {
    /// The columns of the table `certificates` behind its id.
    static let columns = """
        serial, service, profile, subject, spiffe_id, names, not_before, not_after, issued_at, key_algorithm,
        issuer_key_id, fingerprint, channel, requester, der
        """

    /// How many ``columns`` there are.
    static let columnCount = 15

    /// The place of the serial number among the ``values``.
    static let serialPlace = 0

    /// The place of a chain's name among the ``values``.
    static func place(of chain: CertificateChainKind) -> Int {
        switch chain {
        case .service: 1
        case .spiffeID: 4
        }
    }

    /// The values of ``columns``.
    var values: [DatabaseValue] {
        [
            HexadecimalColumn.value(self.serial), self.service?.databaseValue ?? .null, self.profile.databaseValue,
            self.subject.databaseValue, self.spiffeID?.databaseValue ?? .null, TextListColumn.value(self.names),
            self.notBefore.databaseValue, self.notAfter.databaseValue, self.issuedAt.databaseValue,
            self.keyAlgorithm.databaseValue, HexadecimalColumn.value(self.issuerKeyID),
            HexadecimalColumn.value(self.fingerprint), self.channel.rawValue.databaseValue,
            self.requester.databaseValue, Data(self.der).databaseValue,
        ]
    }

    /// What ``init(row:)`` reads: a certificate with the revocation in force, from `certificates AS c` joined with
    /// ``revocationJoin``.
    static let selection = """
        c.serial, c.service, c.profile, c.subject, c.spiffe_id, c.names, c.not_before, c.not_after, c.issued_at,
        c.key_algorithm, c.issuer_key_id, c.fingerprint, c.channel, c.requester, c.der, e.date, e.reason, e.actor, c.id
        """

    /// Joins the revocation in force.
    static let revocationJoin = """
        LEFT JOIN revocations AS r ON r.certificate = c.id LEFT JOIN revocation_events AS e ON e.sequence = r.sequence
        """

    /// The row id of a certificate: the first value where it is known, else looked up by the serial number, the second.
    static let idOfSerial = "coalesce(?1, (SELECT certificate FROM serials WHERE serial = ?2))"

    /// The column of ``selection`` with the row's id.
    static let idColumn = 18

    /// Reads a row of ``selection``.
    init(row: Row) throws(StoreError) {
        var reader = ColumnReader(row, table: "certificates")
        let serial = try reader.hexadecimal()
        let (service, profile) = (try reader.optionalText(), try reader.text())
        let (subject, spiffeID) = (try reader.text(), try reader.optionalText())
        let names = try reader.list()
        let (notBefore, notAfter, issuedAt) = (try reader.integer(), try reader.integer(), try reader.integer())
        let keyAlgorithm = try reader.text()
        let (issuerKeyID, fingerprint) = (try reader.hexadecimal(), try reader.hexadecimal())
        let (channel, requester) = (try reader.member(of: IssuanceChannel.self), try reader.text())
        let der = try reader.bytes()
        self.init(
            serial: serial,
            service: service,
            profile: profile,
            subject: subject,
            spiffeID: spiffeID,
            names: names,
            notBefore: notBefore,
            notAfter: notAfter,
            issuedAt: issuedAt,
            keyAlgorithm: keyAlgorithm,
            issuerKeyID: issuerKeyID,
            fingerprint: fingerprint,
            der: der,
            channel: channel,
            requester: requester,
            revocation: try RevocationMark(&reader)
        )
    }
}

extension RevocationMark {
    /// Reads date, reason and actor; nil where there is no revocation.
    fileprivate init?(_ reader: inout ColumnReader) throws(StoreError) {
        let (date, reason) = (try reader.optionalInteger(), try reader.optionalReason())
        guard let date, let reason else { return nil }
        self.init(date: date, reason: reason, actor: try reader.text())
    }
}
