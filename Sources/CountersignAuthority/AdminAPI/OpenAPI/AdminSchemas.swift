import CountersignIdentity
import CountersignIssuance
import CountersignJSON
import CountersignPKI

/// The documents of the admin API of one authority.
struct AdminSchemas {
    private let settings: AuthoritySettings

    init(_ settings: AuthoritySettings) {
        self.settings = settings
    }

    /// The schemas by name.
    var all: [JSONValue.Member] {
        [
            schema(
                "Problem",
                [
                    ("type", .anyText), ("title", .anyText), ("status", .anyInteger), ("detail", .anyText),
                    ("code", .choice(Self.problemCodes)),
                ]
            ),
            schema("Certificate", certificate, optional: [("certificate", .anyText)]),
            page("CertificatePage", "certificates", "Certificate"),
            schema("RevocationMark", [("date", .time), ("reason", .anyText), ("actor", .anyText)]),
            schema("Rotation", [("service", .anyText), ("requested_at", .time)]),
            schema(
                "RevocationRequest",
                [],
                optional: [
                    ("reason", .choice(RevocationReason.allCases.map(\.name))), ("serial", .serial),
                    ("replace", .flag),
                ],
                isClosed: true
            ),
            schema(
                "RevocationEvent",
                [
                    ("sequence", .anyInteger), ("serial", .anyText), ("issuer_key_id", .anyText), ("date", .time),
                    ("reason", .anyText), ("not_after", .time),
                ]
            ),
            schema("Issuance", issuance, optional: [("private_key", .anyText)]),
            schema("SigningRequest", [("csr", .filledText(atMost: 65_536))], optional: signing, isClosed: true),
            schema(
                "Revocation",
                [
                    ("revoked", .array(.reference("RevocationEvent"), atMost: nil)),
                    ("replacement", .nullable(.reference("Issuance"))),
                ]
            ),
            schema("Service", service),
            schema("ServiceList", [("services", .array(.reference("Service"), atMost: nil))]),
            schema("ServiceRequest", [("name", .serviceName)], optional: registration, isClosed: true),
            schema("ServiceChange", [], optional: registration, isClosed: true),
            schema("Agent", [("name", .anyText), ("services", .array(.anyText, atMost: nil)), ("joined_at", .time)]),
            schema("AgentList", [("agents", .array(.reference("Agent"), atMost: nil))]),
            schema("Token", token),
            schema("NewToken", token + [("token", .anyText)]),
            schema("TokenList", [("tokens", .array(.reference("Token"), atMost: nil))]),
            schema(
                "JoinTokenRequest",
                [("name", .name), ("kind", .choice(["join"])), ("agent", .name)],
                optional: [
                    ("services", .array(.serviceName, atMost: 1000)), ("ttl_seconds", .integer(1, 316_224_000)),
                ],
                isClosed: true
            ),
            schema(
                "BearerTokenRequest",
                [("name", .name), ("kind", .choice(["bearer"])), ("role", .choice(["admin", "operator", "auditor"]))],
                optional: [("ttl_seconds", .integer(1, 316_224_000))],
                isClosed: true
            ),
            .init(
                "TokenRequest",
                .object([
                    .init(
                        "oneOf",
                        .array(["JoinTokenRequest", "BearerTokenRequest"].map { OpenAPISchema.reference($0).json })
                    )
                ])
            ),
            schema("TokenKey", tokenKey),
            schema("TokenKeyList", [("keys", .array(.reference("TokenKey"), atMost: nil))]),
            schema(
                "AuditLine",
                [
                    ("sequence", .anyInteger), ("date", .time), ("actor", .anyText), ("address", .nullable(.anyText)),
                    ("action", .anyText), ("target", .anyText), ("outcome", .anyText), ("detail", .anyText),
                ]
            ),
            page("AuditPage", "audit", "AuditLine"),
            schema("Description", [("openapi", .anyText), ("paths", .anyObject)]),
        ]
    }

    /// Every code that a refusal may have: the engine's, those of paths and methods that there are not, and that of a caller
    /// whose certificate has ended since it connected.
    private static let problemCodes =
        AuthorityError.Code.allCases.map(\.rawValue) + ["not_found", "method_not_allowed", RefusedPeer.code]

    private let certificate: [(String, OpenAPISchema)] = [
        ("serial", .anyText), ("service", .nullable(.anyText)),
        ("state", .choice(CertificateRecord.State.allCases.map(\.rawValue))), ("profile", .anyText),
        ("subject", .anyText), ("spiffe_id", .nullable(.anyText)), ("names", .array(.anyText, atMost: nil)),
        ("not_before", .time), ("not_after", .time), ("remaining_seconds", .anyInteger), ("issued_at", .time),
        ("key_algorithm", .anyText), ("issuer_key_id", .anyText), ("fingerprint_sha256", .anyText),
        ("channel", .anyText), ("requester", .anyText), ("revocation", .nullable(.reference("RevocationMark"))),
    ]

    private let issuance: [(String, OpenAPISchema)] = [
        ("certificate", .anyText), ("chain", .anyText), ("serial", .anyText), ("not_before", .time),
        ("not_after", .time), ("rotation_requested_at", .nullable(.time)),
        ("service", .nullable(.anyText)), ("spiffe_id", .nullable(.anyText)), ("trust_bundle", .anyText),
    ]

    private let service: [(String, OpenAPISchema)] = [
        ("name", .anyText), ("namespace", .anyText), ("spiffe_id", .anyText), ("profile", .anyText),
        ("dns_names", .array(.anyText, atMost: nil)), ("ip_addresses", .array(.anyText, atMost: nil)),
        ("owner", .nullable(.anyText)), ("labels", .map(atMost: nil, length: nil)),
        ("audiences", .array(.anyText, atMost: nil)), ("roles", .array(.anyText, atMost: nil)),
        ("scopes", .array(.anyText, atMost: nil)), ("origin", .anyText),
    ]

    private let tokenKey: [(String, OpenAPISchema)] = [
        ("kid", .anyText), ("algorithm", .anyText), ("state", .choice(["next", "current", "former"])),
        ("published_at", .time), ("signs_since", .nullable(.time)), ("signed_until", .nullable(.time)),
    ]

    private var signing: [(String, OpenAPISchema)] {
        let longest = settings.profiles.values.map(\.lifetimeSeconds).max() ?? 1
        return [
            ("profile", .choice(settings.profiles.keys.sorted())), ("ttl_seconds", .integer(1, longest)),
            ("dns_names", .array(.pattern(Self.dnsName, atMost: HostName.maximumLength), atMost: 100)),
        ]
    }

    private var registration: [(String, OpenAPISchema)] {
        [
            ("namespace", .serviceName), ("spiffe_id", .pattern(spiffeID, atMost: SPIFFEID.maximumLength)),
            ("profile", .choice(settings.profiles.keys.sorted())),
            ("dns_names", .array(.pattern(Self.dnsName, atMost: HostName.maximumLength), atMost: 100)),
            ("ip_addresses", .array(.address, atMost: 100)),
            ("owner", .filledText(atMost: AdminNames.longestText)),
            ("labels", .map(atMost: ServiceRegistration.maximumLabels, length: AdminNames.longestText)),
            ("audiences", .array(Self.grantText, atMost: TokenGrant.maximumValues)),
            ("roles", .array(Self.grantText, atMost: TokenGrant.maximumValues)),
            ("scopes", .array(Self.grantScope, atMost: TokenGrant.maximumValues)),
        ]
    }

    private static let grantText = OpenAPISchema.pattern(
        "^[!-~]([ -~]{0,254}[!-~])?$",
        atMost: TokenGrant.maximumLength
    )
    private static let grantScope = OpenAPISchema.pattern("^[!#-\\[\\]-~]{1,256}$", atMost: TokenGrant.maximumLength)

    /// SPIFFE IDs of services: those below `/agent` and `/authority` are others'.
    private var spiffeID: String {
        let domain = settings.trustDomain.name.replacing(".", with: "\\.")
        return "^spiffe://\(domain)(?!/(agent|authority)(/|$))(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,62}){1,8}$"
    }

    /// A host name whose last label is no number, after `*.` or not.
    private static let dnsName =
        "^(\\*\\.)?([A-Za-z0-9_]([A-Za-z0-9_-]{0,30}[A-Za-z0-9_])?\\.){0,4}[A-Za-z_]([A-Za-z0-9_-]{0,30}[A-Za-z0-9_])?$"

    private let token: [(String, OpenAPISchema)] = [
        ("name", .anyText), ("kind", .anyText), ("role", .nullable(.anyText)), ("agent", .nullable(.anyText)),
        ("services", .array(.anyText, atMost: nil)), ("created_at", .time), ("expires_at", .nullable(.time)),
        ("used_at", .nullable(.time)), ("creator", .anyText),
    ]

    private func page(_ name: String, _ member: String, _ element: String) -> JSONValue.Member {
        schema(
            name,
            [
                (member, .array(.reference(element), atMost: 1000)), ("next_cursor", .nullable(.anyText)),
            ]
        )
    }

    private func schema(
        _ name: String,
        _ required: [(String, OpenAPISchema)],
        optional: [(String, OpenAPISchema)] = [],
        isClosed: Bool = false
    ) -> JSONValue.Member {
        var members: [JSONValue.Member] = [
            .init("type", .string("object")),
            .init("properties", .object((required + optional).map { .init($0.0, $0.1.json) })),
        ]
        if !required.isEmpty { members.append(.init("required", .strings(required.map(\.0)))) }
        if isClosed { members.append(.init("additionalProperties", .bool(false))) }
        return .init(name, .object(members))
    }
}
