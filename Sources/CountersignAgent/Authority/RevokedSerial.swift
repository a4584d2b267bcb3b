package import CountersignJSON
package import CountersignPKI

/// What the authority says of one certificate: that it is revoked, on hold, or good again.
package struct RevokedSerial: Sendable, Hashable {
    /// The serial number in lower-case hexadecimal, as ``HeldIdentity/serial``.
    package let serial: String
    /// The key identifier of the issuer in lower-case hexadecimal; empty where it is not told.
    package let issuerKeyID: String
    /// Why; `certificateHold` suspends it, and `removeFromCRL` ends that.
    package let reason: RevocationReason

    package init(serial: [UInt8], issuerKeyID: [UInt8], reason: RevocationReason) {
        self.serial = SerialNumber(serial).hexadecimal
        self.issuerKeyID = issuerKeyID.isEmpty ? "" : Hexadecimal.text(of: issuerKeyID)
        self.reason = reason
    }

    /// Reads `{"serial":HEX,"issuer_key_id":HEX,"reason":NAME,…}`; nil when it is no such object.
    package init?(json: JSONObject) {
        guard let name = try? json.string("reason"), let serial = (try? json.string("serial")).flatMap(Self.bytes)
        else {
            return nil
        }
        self.init(
            serial: serial,
            issuerKeyID: (try? json.string("issuer_key_id")).flatMap(Self.bytes) ?? [],
            // A reason that is not known here is no reason to go on with the certificate.
            reason: RevocationReason.allCases.first { $0.name == name } ?? .unspecified
        )
    }

    /// Whether it is about this certificate: serial numbers are those of an issuer.
    package func concerns(_ certificate: ParsedCertificate) -> Bool {
        guard serial == SerialNumber(certificate.serialNumber).hexadecimal else { return false }
        guard let identifier = certificate.extensions.authorityKeyIdentifier?.keyIdentifier else { return true }
        return issuerKeyID.isEmpty || issuerKeyID == Hexadecimal.text(of: identifier)
    }

    /// The serial number as the content of an INTEGER, as revocation lists have it.
    var serialContent: [UInt8] {
        RevocationListContent.Entry(serialHex: serial, date: 0, reason: reason)?.serialNumber ?? []
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        Hexadecimal.bytes(of: text.utf8.count % 2 == 0 ? text : "0" + text)
    }
}
