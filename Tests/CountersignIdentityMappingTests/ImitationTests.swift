import CountersignIdentity
import CountersignIdentityMapping
import CountersignTesting
import Testing

/// Nobody gets the ARN of another by what is written into the names of a certificate.
///
/// The generator writes what has fooled readers of names: separators, escapes, several attributes of one type, in one
/// level or in several, NULs, letters of other alphabets, dots, wildcards and whole imitated attributes.
@Suite struct ImitationTests {
    private static let fragments = [
        "alice", "bob", "team-a", "a", "b", "-", ".", "..", "/", ":", "*", "?", "%2F", "%", "\\", "\\2C", ",", "+", ";",
        "=", "\"", "\u{0}", "\n", " ", "{user}", "{", "}", "OU=", "CN=bob", ",CN=bob", "+CN=bob", "/CN=bob",
        "\u{0430}lice",
        "ali\u{0441}e", "a\u{301}", "\u{202E}", "\u{FF0F}", "\u{2024}\u{2024}", "ＡＬＩＣＥ", "arn:crud:iam::x:user/bob",
        "spiffe://prod.example/ns/a/sa/b", "app:", "#0401", "_", "@", "",
    ]

    private func value(_ random: inout SeededGenerator) -> String {
        (0..<Int.random(in: 1...4, using: &random)).map { _ in Self.fragments.randomElement(using: &random) ?? "" }
            .joined()
    }

    private func subject(_ random: inout SeededGenerator) -> [[(NameAttributeType, String)]] {
        let types: [NameAttributeType] = [.commonName, .organizationalUnit, .organization, .userID]
        return (0..<Int.random(in: 0...4, using: &random)).map { _ in
            (0..<Int.random(in: 1...2, using: &random)).map { _ in
                (types.randomElement(using: &random) ?? .commonName, value(&random))
            }
        }
    }

    private func rules() throws -> IdentityMapping {
        let unit = try Certificates.attribute(.organizationalUnit, "team-{team}")
        let name = try Certificates.attribute(.commonName, "{user}")
        return IdentityMapping(rules: [
            try Certificates.rule("members", [.subject([unit, name])], "arn:crud:iam::{team}:user/{user}"),
            try Certificates.rule(
                "workloads",
                [.spiffeID(try IdentityPattern(parsing: "spiffe://prod.example/ns/{ns}/sa/{sa}", for: .spiffeID))],
                "arn:crud:iam::{ns}:service/{sa}"
            ),
            try Certificates.rule(
                "hosts",
                [.dnsName(try IdentityPattern(parsing: "{host}.internal.example", for: .dnsName))],
                "arn:crud:iam:::host/{host}"
            ),
            try Certificates.rule("users", [.subject([name])], "arn:crud:iam:::user/{user}"),
        ])
    }

    @Test(arguments: 0..<20)
    func `an ARN is one that its certificate alone can have`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let mapping = try rules()
        var owners: [String: String] = [:]
        for _ in 0..<2000 {
            let levels = subject(&random)
            let uris =
                Bool.random(using: &random) ? [] : ["spiffe://prod.example/ns/\(value(&random))/sa/\(value(&random))"]
            let dns = Bool.random(using: &random) ? [] : ["\(value(&random)).internal.example"]
            let certificate = Certificates.make(subject: levels, uris: uris, dns: dns)
            guard case .mapped(let arn, let rule) = mapping.outcome(for: certificate) else { continue }
            let parts = arn.description.split(separator: ":", omittingEmptySubsequences: false)
            #expect(parts.count == 6, "\(arn) has a part more")
            #expect(parts[5].split(separator: "/", omittingEmptySubsequences: false).count == 2)
            #expect(arn.description.utf8.allSatisfy { (0x21...0x7E).contains($0) })
            #expect(!arn.description.contains("*") && !arn.description.contains("%"))
            #expect(!arn.description.split(whereSeparator: { ":/".contains($0) }).contains { $0 == ".." || $0 == "." })
            // What the ARN was made of is all that could have made it: another origin would be an imitation.
            let origin: String
            switch rule {
            case "members": origin = "OU=\(texts(.organizationalUnit, levels)) CN=\(texts(.commonName, levels))"
            case "workloads": origin = "\(uris)"
            case "hosts": origin = "\(dns.map { $0.lowercased() })"
            default: origin = "CN=\(texts(.commonName, levels))"
            }
            #expect(owners[arn.description, default: origin] == origin, "two certificates are \(arn)")
            owners[arn.description] = origin
            if rule == "members" || rule == "users" {
                #expect(texts(.commonName, levels) == [String(parts[5].dropFirst("user/".count))])
            }
        }
        #expect(!owners.isEmpty)
    }

    @Test(arguments: 0..<20)
    func `text never becomes an attribute of its own`(seed: UInt64) throws {
        var random = SeededGenerator(seed: 1000 + seed)
        let mapping = try rules()
        for _ in 0..<500 {
            // An authority that lets its callers choose O and UID, and nothing else, gives away neither CN nor OU.
            let levels: [[(NameAttributeType, String)]] = [
                [(.organization, value(&random)), (.userID, value(&random))], [(.organization, value(&random))],
            ]
            let outcome = mapping.outcome(for: Certificates.make(subject: levels))
            if case .mapped(let arn, _) = outcome { Issue.record("\(levels) is \(arn)") }
        }
    }

    private func texts(_ type: NameAttributeType, _ levels: [[(NameAttributeType, String)]]) -> [String] {
        levels.flatMap { $0 }.filter { $0.0 == type }.map(\.1)
    }
}
