extension CertificateProfile {
    /// The alternative names that certificates of this profile get.
    package var alternativeNames: [AlternativeName] { CertificateBuilder.alternativeNames(of: self) }

    /// The content of the subjectAltName extension that certificates of this profile get, in DER.
    package var alternativeNamesDER: [UInt8] {
        DERWriter.sequence { list in
            for name in CertificateBuilder.alternativeNames(of: self) { list.generalName(name) }
        }
    }
}

extension IssuedCertificate {
    /// A certificate that another authority has made, and that was checked, with those above it but the root in DER.
    package init(_ certificate: ParsedCertificate, issuersDER: [[UInt8]]) {
        self.init(
            der: certificate.der,
            issuersDER: issuersDER,
            serialHex: SerialNumber(certificate.serialNumber).hexadecimal,
            notBefore: certificate.notBefore,
            notAfter: certificate.notAfter,
            serialNumber: certificate.serialNumber
        )
    }
}

extension AlternativeName {
    /// The name as messages have it, made safe to print.
    package var printable: String { PrintableText.escaped(NameSubtree.text(of: self)) }
}
