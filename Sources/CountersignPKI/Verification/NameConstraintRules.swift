/// Whether the names in a path lie within what its authorities may vouch for (RFC 5280 section 4.2.1.10).
struct NameConstraintRules {
    private var comparisons = 0

    /// The most comparisons of a name with a subtree that one path may take.
    static let maximumComparisons = 100_000

    /// What is wrong with the names of a path, leaf first and the trusted authority last; nil when nothing is.
    mutating func fault(inPath path: [ParsedCertificate]) -> ChainRejection? {
        for (position, issuer) in path.enumerated().dropFirst() {
            guard let constraints = issuer.extensions.nameConstraints else { continue }
            for (below, certificate) in path[..<position].enumerated() {
                // A self-issued issuer is exempt, so that an authority can roll its key over; a leaf never is.
                if below > 0, certificate.isSelfIssued { continue }
                if let fault = self.fault(of: certificate, under: constraints, of: issuer) { return fault }
            }
        }
        return nil
    }

    private mutating func fault(
        of certificate: ParsedCertificate,
        under constraints: NameConstraintsField,
        of issuer: ParsedCertificate
    ) -> ChainRejection? {
        for name in Self.names(of: certificate) {
            self.comparisons += constraints.permitted.count + constraints.excluded.count
            guard self.comparisons <= Self.maximumComparisons else {
                return ChainRejection(.tooComplex, "the name constraints of \(issuer.label) are too many to check")
            }
            for subtree in constraints.excluded where subtree.tag == name.tag {
                guard NameSubtree.mayContain(name, in: subtree) else { continue }
                return ChainRejection(
                    .nameConstraint,
                    "\(issuer.label) excludes the name \(NameSubtree.text(of: name)) of \(certificate.label)"
                )
            }
            let permitted = constraints.permitted.filter { $0.tag == name.tag }
            if !permitted.isEmpty, !permitted.contains(where: { NameSubtree.contains(name, in: $0) }) {
                return ChainRejection(
                    .nameConstraint,
                    "\(issuer.label) does not permit the name \(NameSubtree.text(of: name)) of \(certificate.label)"
                )
            }
        }
        return nil
    }

    /// Every name that constraints speak of: the alternative names, the subject, and email addresses within it.
    private static func names(of certificate: ParsedCertificate) -> [AlternativeName] {
        var names = certificate.extensions.alternativeNames
        guard !certificate.subject.isEmpty else { return names }
        names.append(.directory(certificate.subjectDER))
        for attribute in certificate.subject.attributes where attribute.type == .emailAddress {
            names.append(.email(attribute.text ?? ""))
        }
        return names
    }
}
