import CountersignIdentity

extension VerifiedPeer {
    /// The peer on one line for people: its SPIFFE ID, its subject, or the first of its other names; the serial number of
    /// a certificate without any.
    package var shortName: String {
        if let id = self.identity.spiffeID { return id.description }
        if !self.subjectRFC2253.isEmpty { return self.subjectRFC2253 }
        let names = self.dnsNames + self.ipNames + self.emailNames + self.uriNames
        return names.first.map(PrintableText.escaped) ?? "serial number \(self.serialHex)"
    }
}
