package import CountersignIdentity
package import CountersignPKI

/// What a TLS terminator that forwards no certificate says of it: subject and serial number.
package struct TerminatorIdentity: Sendable, Hashable {
    /// The subject.
    package let subject: DistinguishedName
    /// The serial number.
    package let serial: SerialNumber

    /// The header with the subject, as RFC 4514 has it.
    package static let subjectHeaderName = "X-Client-Cert-Subject"
    /// The header with the serial number.
    package static let serialHeaderName = "X-Client-Cert-Serial"

    /// Reads both headers.
    ///
    /// - Parameters:
    ///   - subject: the value of the one.
    ///   - serial: the value of the other, nil when it is missing.
    ///   - format: how the serial number is written.
    /// - Throws: ``CertificateReadingError`` when one is missing or not in its form.
    package init(
        subject: String,
        serial: String?,
        format: SerialFormat = .hexadecimal
    ) throws(CertificateReadingError) {
        do {
            self.subject = try DistinguishedName(parsing: subject)
        } catch {
            throw .malformed("\(Self.subjectHeaderName): \(error.message)")
        }
        guard let serial, !serial.isEmpty else { throw .malformed("\(Self.serialHeaderName) is missing") }
        guard let number = format.serial(serial) else {
            throw .malformed("\(Self.serialHeaderName) is not a serial number in \(format.rawValue) form")
        }
        self.serial = number
    }

    /// The service that the subject names: its only common name, where that is a name of a service.
    package var service: String? {
        let names = subject.attributes.filter { $0.type == .commonName }
        guard names.count == 1, let name = names[0].text,
            (try? CallerPattern(parsing: name)) == .service(name: name, ids: [])
        else { return nil }
        return name
    }
}
