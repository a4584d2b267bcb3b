import Synchronization

/// A certificate revocation list (RFC 5280 section 5), taken apart.
///
/// A list without entries is a good list: it says that nothing is revoked. Whether the list may be relied upon is
/// decided against its issuer and the clock, each time it is used.
public final class RevocationList: Sendable {
    /// The whole list.
    package let der: [UInt8]
    /// The issuer's name as encoded.
    package let issuerDER: [UInt8]
    /// The issuer's name.
    package let issuer: RelativeNames
    /// When the list was made, in Unix seconds.
    public let thisUpdate: Int64
    /// By when the next one is made, in Unix seconds; a list without it is never relied upon.
    public let nextUpdate: Int64?
    /// How the list was signed.
    package let signatureAlgorithm: SignatureAlgorithm
    /// The number of the list as an INTEGER's content, where it has one.
    package let number: [UInt8]?
    /// What the list says it covers.
    package let scope: RevocationListScope
    /// A critical extension that is not understood, where there is one.
    package let unhandledCritical: String?
    /// The revoked serial numbers, as INTEGER contents, and why.
    package let entries: [[UInt8]: RevocationEntry]

    private let signedBytes: [UInt8]
    private let signature: [UInt8]
    private let algorithmsAgree: Bool
    private let signatureChecks = Mutex<[[UInt8]: Bool]>([:])

    /// The largest list that is read, in bytes.
    public static let maximumSize = 64 * 1_024 * 1_024

    /// Reads a DER encoding.
    ///
    /// - Throws: ``PKIError`` with `malformedRevocationList` or `tooLarge`.
    public init(der: [UInt8]) throws(PKIError) {
        guard der.count <= Self.maximumSize else {
            throw PKIError(.tooLarge, "a revocation list of \(der.count) bytes; at most \(Self.maximumSize) are read")
        }
        let wire: RevocationListWire
        do {
            wire = try RevocationListWire(DERField(parsing: der))
        } catch {
            throw PKIError(
                .malformedRevocationList,
                "this is not a DER-encoded revocation list: \(error.reason)"
            )
        }
        self.der = der
        self.signedBytes = wire.signedBytes
        self.signature = wire.signature
        self.signatureAlgorithm = wire.algorithm
        self.algorithmsAgree = wire.algorithmsAgree
        self.issuerDER = wire.issuerDER
        self.issuer = wire.issuer
        self.thisUpdate = wire.thisUpdate
        self.nextUpdate = wire.nextUpdate
        self.number = wire.number
        self.scope = wire.scope
        self.unhandledCritical = wire.unhandledCritical
        self.entries = wire.entries
    }

    /// Reads every list of a PEM text.
    ///
    /// - Throws: ``PKIError`` with `nothingFound`, `malformedPEM`, `unexpectedBlock`, `malformedRevocationList` or
    ///   `tooLarge`, and the line.
    public static func lists(pem: [UInt8]) throws(PKIError) -> [RevocationList] {
        var lists: [RevocationList] = []
        for block in try PEMDocuments(parsing: pem).blocks {
            guard block.label == "X509 CRL" else {
                throw PKIError(
                    .unexpectedBlock,
                    "a \(block.label) block where -----BEGIN X509 CRL----- is expected",
                    line: block.line
                )
            }
            do {
                lists.append(try RevocationList(der: block.der))
            } catch {
                throw PKIError(error.code, error.message, line: block.line)
            }
        }
        return lists
    }

    /// Refuses, when configuration is read, a list that could only make every verification fail.
    ///
    /// - Parameters:
    ///   - trust: The authorities beside which the list is configured; nil when they cannot be told.
    ///   - atUnixSeconds: The current time.
    /// - Throws: ``PKIError`` with `staleRevocationList` for one that is past its next update, has none, or is from
    ///   the future; `foreignRevocationList` for one that bears the name of a trusted authority and not its
    ///   signature. A list of an issuer that is not in the store is accepted: peers may send that intermediate.
    public func check(against trust: TrustStore?, atUnixSeconds: Int64) throws(PKIError) {
        if let fault = self.faultOfTime(atUnixSeconds) { throw PKIError(.staleRevocationList, fault) }
        if let identifier = self.unhandledCritical {
            throw PKIError(
                .malformedRevocationList,
                "\(self.label) has the critical extension \(identifier), which is not understood here"
            )
        }
        let anchors = trust?.anchors(withSubject: self.issuerDER) ?? []
        guard anchors.isEmpty || anchors.contains(where: { self.isSigned(by: $0) }) else {
            throw PKIError(.foreignRevocationList, "\(self.label) is not signed by the trusted authority of that name")
        }
    }

    /// The list's name for messages.
    package var label: String {
        "the revocation list of '\(self.issuer.text)'"
    }

    /// Whether the list was made after another one of the same issuer.
    ///
    /// Later, or in the same second with a higher number (RFC 5280 section 5.2.3).
    package func replaces(_ other: RevocationList) -> Bool {
        guard self.thisUpdate == other.thisUpdate else { return self.thisUpdate > other.thisUpdate }
        guard let number = self.number, let otherNumber = other.number else { return false }
        let digits = number.drop { $0 == 0 }
        let otherDigits = otherNumber.drop { $0 == 0 }
        return digits.count == otherDigits.count
            ? otherDigits.lexicographicallyPrecedes(digits) : digits.count > otherDigits.count
    }

    /// What is wrong with the list's dates; nil when it is current.
    package func faultOfTime(_ now: Int64) -> String? {
        guard let nextUpdate = self.nextUpdate else {
            return "\(self.label) does not say when the next one comes (nextUpdate), so it could be of any age"
        }
        if now > nextUpdate {
            return "\(self.label) was due to be replaced at \(CalendarTime(unixSeconds: nextUpdate).rfc3339)"
        }
        if now < self.thisUpdate {
            return "\(self.label) is from the future: \(CalendarTime(unixSeconds: self.thisUpdate).rfc3339)"
        }
        return nil
    }

    /// Whether the issuer's key signed the list and the issuer may sign lists.
    package func isSigned(by issuer: ParsedCertificate) -> Bool {
        guard self.algorithmsAgree, issuer.subjectDER == self.issuerDER,
            issuer.extensions.keyUsage?.contains(.revocationListSigning) ?? true
        else { return false }
        let key = issuer.publicKey.derEncoded
        if let known = self.signatureChecks.withLock({ $0[key] }) { return known }
        let isValid = issuer.publicKey.verifies(
            self.signature,
            over: self.signedBytes,
            algorithm: self.signatureAlgorithm
        )
        self.signatureChecks.withLock { checks in
            if checks.count >= Self.maximumRememberedChecks { checks.removeAll() }
            checks[key] = isValid
        }
        return isValid
    }

    private static let maximumRememberedChecks = 16
}
