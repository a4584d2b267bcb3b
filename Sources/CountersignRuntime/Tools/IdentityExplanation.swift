import CountersignIdentity
import CountersignIdentityMapping
import CountersignJSON
import CountersignPKI

/// What a mapping and each of its rules say of a certificate.
struct IdentityExplanation {
    /// One rule and what it says.
    private struct Line {
        var name: String
        var state: String
        var reason: String?
        var decides: Bool
    }

    private let certificate: MappedCertificate
    private let lines: [Line]
    /// The holder's ARN; nil when there is none.
    let arn: String?
    private let reason: String?

    init(_ certificate: MappedCertificate, _ mapping: IdentityMapping) {
        self.certificate = certificate
        let ambiguity = certificate.identity.ambiguity
        var isDecided = ambiguity != nil
        self.lines = mapping.explanation(for: certificate).map { rule, verdict in
            let wasDecided = isDecided
            switch verdict {
            case .matched(let arn, let captures):
                isDecided = true
                let values = captures.map { "\($0.name)=\($0.value)" } + ["-> \(arn)"]
                return Line(
                    name: rule.name,
                    state: "matches",
                    reason: values.joined(separator: " "),
                    decides: !wasDecided
                )
            case .unmatched(let reason):
                return Line(name: rule.name, state: "does not match", reason: reason, decides: false)
            case .ambiguous(let reason):
                isDecided = true
                return Line(name: rule.name, state: "is ambiguous", reason: reason, decides: !wasDecided)
            }
        }
        switch mapping.outcome(for: certificate) {
        case .mapped(let arn, _):
            self.arn = arn.description
            self.reason = nil
        case .unmapped:
            self.arn = nil
            self.reason = "no rule matches"
        case .ambiguous(let rule, let reason):
            self.arn = nil
            self.reason = rule.map { "\($0): \(reason)" } ?? reason
        }
    }

    /// The explanation over several lines, without a line break at its end.
    var text: String {
        var output = ["certificate"]
        for (name, value) in facts { output.append("  \(name.padded(to: 12))\(PrintableText.escaped(value))") }
        output.append("rules")
        for (index, line) in lines.enumerated() {
            let mark = line.decides ? "  (decides)" : ""
            output.append(
                "  \(index + 1). \(PrintableText.escaped(line.name)): \(line.state)\(mark)"
                    + (line.reason.map { "\n       \(PrintableText.escaped($0))" } ?? "")
            )
        }
        output.append(arn.map { "arn  \($0)" } ?? "no identity: \(PrintableText.escaped(reason ?? ""))")
        return output.joined(separator: "\n")
    }

    /// The explanation as an object.
    var json: JSONValue {
        .object([
            .init("arn", .optional(arn)),
            .init("reason", .optional(reason)),
            .init("certificate", .object(facts.map { JSONValue.Member($0.name, .string($0.value)) })),
            .init(
                "rules",
                .array(
                    lines.map { line in
                        .object([
                            .init("name", .string(line.name)),
                            .init("verdict", .string(line.state)),
                            .init("reason", .optional(line.reason)),
                            .init("decides", .bool(line.decides)),
                        ])
                    }
                )
            ),
        ])
    }

    private var facts: [(name: String, value: String)] {
        var facts = [("subject", certificate.identity.subject.rendered(.rfc2253))]
        if let issuer = certificate.issuer { facts.append(("issuer", issuer.rendered(.rfc2253))) }
        if let id = certificate.identity.spiffeID { facts.append(("spiffe_id", id.description)) }
        if !certificate.dnsNames.isEmpty { facts.append(("dns", certificate.dnsNames.joined(separator: " "))) }
        if let thumbprint = certificate.thumbprint {
            facts.append(("thumbprint", thumbprint.hexadecimal))
            facts.append(("x5t#S256", thumbprint.base64URL))
        }
        return facts
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - utf8.count))
    }
}
