import CountersignIdentity

extension CertificateDescription {
    /// The description as lines of text with a final newline; what came from the certificate cannot add lines.
    ///
    /// - Parameter now: The current time in Unix seconds, to say how long the certificate is still valid.
    package func text(atUnixSeconds now: Int64) -> String {
        var lines: [(label: String, value: String)] = [("Subject", self.subject.isEmpty ? "(empty)" : self.subject)]
        if let issuer = self.issuer { lines.append(("Issuer", issuer.isEmpty ? "(empty)" : issuer)) }
        if let issuance = self.issuance { lines += Self.lines(issuance, now: now) }
        lines.append(("Key", self.key + (self.keyIsStrong ? "" : " (too weak, damaged or not supported)")))
        lines.append(("Signature", self.signatureAlgorithm))
        if let proves = self.provesPossession {
            lines.append(("Possession", proves ? "proven: signed by its own key" : "NOT proven: the signature is bad"))
        }
        let limit = self.pathLength.map { ", at most \($0) authorities below" } ?? ""
        lines.append(("Authority", self.isAuthority ? "yes\(limit)" : "no"))
        lines += self.alternativeNames.map { ("Name", $0) }
        if let id = self.spiffeID { lines.append(("SPIFFE ID", id)) }
        if let identity = self.cloudFoundry {
            lines.append(("App", identity.app.description))
            if let space = identity.space { lines.append(("Space", space.description)) }
            if let organization = identity.organization { lines.append(("Organization", organization.description)) }
        }
        if let ambiguity = self.ambiguity { lines.append(("No identity", ambiguity.explanation)) }
        if !self.keyUsage.isEmpty { lines.append(("Key usage", self.keyUsage.joined(separator: ", "))) }
        if !self.extendedKeyUsage.isEmpty { lines.append(("Purposes", self.extendedKeyUsage.joined(separator: ", "))) }
        lines += self.permitted.map { ("Permits", $0) } + self.excluded.map { ("Excludes", $0) }
        if let identifier = self.subjectKeyIdentifier { lines.append(("Key identifier", identifier)) }
        if let identifier = self.authorityKeyIdentifier { lines.append(("Issuer's key", identifier)) }
        lines += self.revocationLists.map { ("Revocation list", $0) } + self.ocspResponders.map { ("OCSP", $0) }
        lines += self.issuerLocations.map { ("Issuer at", $0) }
        lines += self.unhandledCritical.map { ("Not understood", "critical extension \($0)") }
        if let issuance = self.issuance {
            lines += [("SHA-256", issuance.sha256), ("SHA-1", issuance.sha1)]
        }
        let title = self.kind == .certificate ? "Certificate" : "Certificate request"
        return lines.reduce("\(title)\n") { text, line in
            let padding = String(repeating: " ", count: max(1, 17 - line.label.utf8.count))
            return text + "  \(line.label)\(padding)\(PrintableText.escaped(line.value))\n"
        }
    }

    private static func lines(_ issuance: Issuance, now: Int64) -> [(label: String, value: String)] {
        let start = CalendarTime(unixSeconds: issuance.notBefore).rfc3339
        let end = CalendarTime(unixSeconds: issuance.notAfter).rfc3339
        return [
            ("Version", String(issuance.version)),
            ("Serial number", "\(issuance.serialDecimal) (0x\(issuance.serialHex))"),
            ("Valid from", start + (now < issuance.notBefore ? " (not yet valid)" : "")),
            ("Valid until", "\(end) (\(self.remaining(issuance.notAfter, now: now)))"),
        ]
    }

    private static func remaining(_ end: Int64, now: Int64) -> String {
        let seconds = now > end ? now - end : end - now
        let span: String
        switch seconds {
        case ..<120: span = "\(seconds) seconds"
        case ..<7_200: span = "\(seconds / 60) minutes"
        case ..<172_800: span = "\(seconds / 3_600) hours"
        default: span = "\(seconds / 86_400) days"
        }
        return now > end ? "expired \(span) ago" : "\(span) left"
    }
}
