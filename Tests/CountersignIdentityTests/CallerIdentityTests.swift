import CountersignIdentity
import Testing

@Suite struct CallerIdentityTests {
    static let app = "d76446a1-f429-4444-8797-be2f78b75b08"
    static let space = "2b26e210-1b48-4e60-8432-f24bc5927789"
    static let organization = "6e424e4e-5e46-419a-9cb6-eac9de2794e8"
    static let workload = "spiffe://cluster.local/ns/default/sa/web"

    static func subject(units: [String], commonName: String = "instance") -> DistinguishedName {
        DistinguishedName(encodingOrder: [
            RelativeDistinguishedName(units.map { NameAttribute(.organizationalUnit, $0) }),
            RelativeDistinguishedName(.commonName, commonName),
        ])
    }

    static func identity(
        units: [String] = [],
        commonName: String = "instance",
        uris: [String] = [],
        trustDomains: TrustDomainScope = .unrestricted
    ) -> CallerIdentity {
        CallerIdentity(
            subject: subject(units: units, commonName: commonName),
            uriNames: uris,
            trustDomains: trustDomains
        )
    }

    @Test func `an instance certificate names app, space and organization`() throws {
        let identity = Self.identity(units: [
            "organization:\(Self.organization)", "app:\(Self.app)", "staff", "space:\(Self.space)",
        ])
        #expect(identity.ambiguity == nil)
        #expect(identity.cloudFoundry?.app.description == Self.app)
        #expect(identity.cloudFoundry?.space?.description == Self.space)
        #expect(identity.cloudFoundry?.organization?.description == Self.organization)
        #expect(identity.logFields.pairs.map(\.name) == ["caller_app", "caller_space", "caller_org"])
    }

    @Test func `units in levels of their own count the same`() {
        let subject = DistinguishedName(encodingOrder: [
            RelativeDistinguishedName(.organizationalUnit, "app:a"),
            RelativeDistinguishedName(.organizationalUnit, "space:s"),
        ])
        let identity = CallerIdentity(subject: subject, uriNames: [], trustDomains: .unrestricted)
        #expect(identity.cloudFoundry?.space?.description == "s")
    }

    @Test func `a certificate with a SPIFFE ID names it`() {
        let identity = Self.identity(uris: [Self.workload])
        #expect(identity.spiffeID?.description == Self.workload)
        #expect(identity.cloudFoundry == nil)
        #expect(identity.isIdentified)
        #expect(identity.logFields.spiffeID == Self.workload)
    }

    @Test(arguments: [
        [], ["staff"], ["space:s"], ["App:a"], ["APP:a"], [" app:a"], ["xapp:a"], ["organization:o", "space:s"],
    ])
    func `a subject without an app unit is no identity and not ambiguous`(units: [String]) {
        let identity = Self.identity(units: units)
        #expect(!identity.isIdentified)
        #expect(identity.ambiguity == nil)
    }

    @Test func `a URI that is not a SPIFFE ID is no identity and not ambiguous`() {
        let identity = Self.identity(uris: ["https://example.com/a"])
        #expect(!identity.isIdentified)
        #expect(identity.ambiguity == nil)
    }

    static let ambiguous: [(CallerIdentity, IdentityAmbiguity)] = [
        (identity(units: ["app:a", "app:b"], uris: [workload]), .repeatedApp),
        (identity(units: ["app:a", "app:a"]), .repeatedApp),
        (identity(units: ["app:a", "space:s", "space:t"]), .repeatedSpace),
        (identity(units: ["app:a", "organization:o", "organization:p"]), .repeatedOrganization),
        (identity(units: ["app:"]), .malformedUnit),
        (identity(units: ["app:a b"]), .malformedUnit),
        (identity(units: ["app:a\0"]), .malformedUnit),
        (identity(units: ["app:a", "space:é"]), .malformedUnit),
        (identity(units: ["app:a\u{301}"]), .malformedUnit),
        (identity(units: ["app:" + String(repeating: "a", count: 129)]), .malformedUnit),
        (identity(units: ["app:a,OU=app:b"]), .imitatedUnit),
        (identity(units: ["app:a"], commonName: "x,OU=app:b"), .imitatedUnit),
        (identity(commonName: "x+ou = \"space:b"), .imitatedUnit),
        (identity(commonName: "x/2.5.4.11=organization:b"), .imitatedUnit),
        (identity(units: ["app:a"], uris: [workload, workload]), .severalURINames),
        (identity(uris: [workload, "https://example.com"]), .severalURINames),
        (identity(units: ["app:a"], uris: ["https://a", "https://b"]), .severalURINames),
        (identity(units: ["app:a"], uris: ["spiffe://cluster.local"]), .malformedSPIFFEID),
        (identity(uris: ["spiffe://cluster.local/a/../b"]), .malformedSPIFFEID),
        (identity(uris: ["SPIFFE://cluster.local/a"]), .malformedSPIFFEID),
        (identity(uris: ["spiffe:cluster.local/a"]), .malformedSPIFFEID),
        (identity(units: ["app:a"], uris: [workload], trustDomains: .only([])), .foreignTrustDomain),
    ]

    @Test(arguments: ambiguous)
    func `an ambiguous certificate gives no identity at all`(identity: CallerIdentity, ambiguity: IdentityAmbiguity) {
        #expect(identity.ambiguity == ambiguity)
        #expect(identity.spiffeID == nil)
        #expect(identity.cloudFoundry == nil)
        #expect(identity.logFields.pairs.map(\.name) == ["caller_ambiguity"])
    }

    @Test(arguments: ["OU=app", "app:1", "OU=staff", "counter=app:1", "a=b=space", "OU", "=", "OU = app 1"])
    func `a common name that only looks a little like a unit is fine`(commonName: String) {
        #expect(Self.identity(units: ["app:a"], commonName: commonName).isIdentified)
    }

    @Test func `a SPIFFE ID counts for its own trust domain only`() throws {
        let own = TrustDomainScope.only([try TrustDomain(parsing: "cluster.local")])
        let other = TrustDomainScope.only([try TrustDomain(parsing: "partner.example")])
        #expect(Self.identity(uris: [Self.workload], trustDomains: own).spiffeID != nil)
        #expect(Self.identity(uris: [Self.workload], trustDomains: other).ambiguity == .foreignTrustDomain)
    }
}
