import CountersignIdentity
import CountersignIdentityMapping
import Testing

@Suite struct IdentityMappingTests {
    private let workload = "spiffe://prod.example/ns/{ns}/sa/{sa}"

    private func mapping() throws -> IdentityMapping {
        let partner = try Certificates.attribute(.organization, "Partner, Inc.")
        return IdentityMapping(rules: [
            try Certificates.rule(
                "workloads",
                [.spiffeID(try IdentityPattern(parsing: workload, for: .spiffeID))],
                "arn:crud:iam::{ns}:service/{sa}"
            ),
            try Certificates.rule(
                "partner",
                [
                    .issuer([try Certificates.attribute(.commonName, "Partner CA")]),
                    .subject([partner, try Certificates.attribute(.organizationalUnit, "gateway-{region}")]),
                ],
                "arn:crud:iam::partner:gateway/{region}"
            ),
            try Certificates.rule(
                "hosts",
                [.dnsName(try IdentityPattern(parsing: "{name}.internal.example", for: .dnsName))],
                "arn:crud:iam:::host/{name}"
            ),
            try Certificates.rule(
                "users",
                [.subject([try Certificates.attribute(.commonName, "{user}")])],
                "arn:crud:iam:::user/{user}"
            ),
        ])
    }

    private func arn(_ certificate: MappedCertificate) throws -> String? {
        guard case .mapped(let arn, _) = try mapping().outcome(for: certificate) else { return nil }
        return arn.description
    }

    @Test func `the first rule that fits decides`() throws {
        let certificate = Certificates.make(
            subject: [[(.commonName, "orders")]],
            uris: ["spiffe://prod.example/ns/shop/sa/orders"],
            dns: ["orders.internal.example"]
        )
        #expect(
            try mapping().outcome(for: certificate)
                == .mapped(try CanonicalARN(checking: "arn:crud:iam::shop:service/orders"), rule: "workloads")
        )
        let other = Certificates.make(
            subject: [[(.commonName, "orders")]],
            uris: ["spiffe://dev.example/ns/shop/sa/orders"]
        )
        #expect(try arn(other) == "arn:crud:iam:::user/orders")
    }

    @Test func `issuer and subject have to fit together`() throws {
        let subject = [[(NameAttributeType.organization, "Partner, Inc.")], [(.organizationalUnit, "gateway-eu")]]
        #expect(
            try arn(Certificates.make(subject: subject, issuer: [(.commonName, "Partner CA")]))
                == "arn:crud:iam::partner:gateway/eu"
        )
        #expect(try arn(Certificates.make(subject: subject, issuer: [(.commonName, "Other CA")])) == nil)
        #expect(try arn(Certificates.make(subject: subject)) == nil)
    }

    @Test func `a thumbprint names one certificate`() throws {
        let own = try #require(CertificateThumbprint([UInt8](repeating: 7, count: 32)))
        let other = try #require(CertificateThumbprint([UInt8](repeating: 8, count: 32)))
        let rule = try Certificates.rule("one", [.thumbprint([own])], "arn:crud:iam:::device/7")
        let mapping = IdentityMapping(rules: [rule])
        guard case .mapped = mapping.outcome(for: Certificates.make(thumbprint: own)) else {
            Issue.record("the certificate has no ARN")
            return
        }
        #expect(mapping.outcome(for: Certificates.make(thumbprint: other)) == .unmapped)
        #expect(mapping.outcome(for: Certificates.make()) == .unmapped)
    }

    @Test func `thumbprints are read in both usual forms and told in the form of tokens`() throws {
        let digits = String(repeating: "0aB1", count: 16)
        let colons = (0..<32).map { $0 % 2 == 0 ? "0a" : "B1" }.joined(separator: ":")
        let thumbprint = try #require(CertificateThumbprint(hexadecimal: digits))
        #expect(CertificateThumbprint(hexadecimal: colons) == thumbprint)
        #expect(thumbprint.hexadecimal == digits.lowercased())
        #expect(thumbprint.base64URL == "CrEKsQqxCrEKsQqxCrEKsQqxCrEKsQqxCrEKsQqxCrE")
        for text in ["", "0a", digits + "00", colons.replacing(":", with: "-"), String(digits.dropLast()) + "g"] {
            #expect(CertificateThumbprint(hexadecimal: text) == nil)
        }
    }

    /// Each says two things where one is expected, and has another rule waiting that would let it in.
    static let doubtful = [
        Certificates.make(subject: [[(.commonName, "alice")], [(.commonName, "bob")]]),
        Certificates.make(subject: [[(.commonName, "alice"), (.commonName, "bob")]]),
        Certificates.make(subject: [[(.commonName, "alice")], [(.commonName, "b:b")]]),
        Certificates.make(subject: [[(.commonName, "alice")]], dns: ["a.internal.example", "b.internal.example"]),
        Certificates.make(
            subject: [[(.commonName, "alice")]],
            uris: ["spiffe://prod.example/ns/a/sa/b", "spiffe://prod.example/ns/a/sa/c"]
        ),
        Certificates.make(subject: [[(.commonName, "alice")]], uris: ["spiffe://prod.example/ns/a/sa/b/"]),
        Certificates.make(
            subject: [
                [(.organization, "Partner, Inc.")], [(.organizationalUnit, "gateway-a")],
                [(.organizationalUnit, "gateway-b")], [(.commonName, "alice")],
            ],
            issuer: [(.commonName, "Partner CA")]
        ),
        Certificates.make(
            subject: [
                [(.organization, "Partner, Inc.")], [(.organizationalUnit, "gateway-a"), (.organizationalUnit, "x")],
                [(.commonName, "alice")],
            ],
            issuer: [(.commonName, "Partner CA")]
        ),
    ]

    @Test(arguments: doubtful)
    func `what can be read in two ways is nobody, whatever later rules say`(certificate: MappedCertificate) throws {
        guard case .ambiguous = try mapping().outcome(for: certificate) else {
            Issue.record("\(try mapping().outcome(for: certificate))")
            return
        }
    }

    @Test func `several units fit a rule that speaks of all of them, in any order`() throws {
        let units = try Certificates.attribute(.organizationalUnit, "app:{app}", "space:{space}")
        let rule = try Certificates.rule("cf", [.subject([units])], "arn:crud:iam::{space}:app/{app}")
        let mapping = IdentityMapping(rules: [rule])
        let app = "d76446a1-f429-4444-8797-be2f78b75b08"
        let space = "6e424e4e-5e46-419a-9cb6-eac9de2794e8"
        for levels in [
            [[(NameAttributeType.organizationalUnit, "app:\(app)")], [(.organizationalUnit, "space:\(space)")]],
            [[(.organizationalUnit, "space:\(space)"), (.organizationalUnit, "app:\(app)")]],
        ] {
            let outcome = mapping.outcome(for: Certificates.make(subject: levels))
            #expect(
                outcome == .mapped(try CanonicalARN(checking: "arn:crud:iam::\(space):app/\(app)"), rule: "cf")
            )
        }
        let one = Certificates.make(subject: [[(.organizationalUnit, "app:\(app)")]])
        #expect(mapping.outcome(for: one) == .unmapped)
    }

    @Test func `every rule says why it does not fit`() throws {
        let certificate = Certificates.make(subject: [[(.commonName, "a b")]], dns: ["x.example"])
        let reasons = try mapping().explanation(for: certificate).map { entry in
            guard case .unmatched(let reason) = entry.verdict else { return "" }
            return reason
        }
        #expect(
            reasons == [
                "spiffe_id: the certificate has no SPIFFE ID", "issuer: the issuer was not told",
                "dns: it differs from the pattern at byte 1",
                "subject: CN {user}: it goes on at byte 1, where the pattern ends or a capture cannot take the byte",
            ]
        )
    }
}
