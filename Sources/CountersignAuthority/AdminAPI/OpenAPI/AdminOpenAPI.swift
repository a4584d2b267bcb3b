import CountersignIssuance
import CountersignJSON
import CountersignPKI
import Crypto

/// The description of the admin API (OpenAPI 3.1), served by it: exact, down to the profiles that there are.
struct AdminOpenAPI: Sendable {
    /// The document.
    let document: [UInt8]
    /// Its entity tag.
    let entityTag: String

    /// Describes the API of an authority with these settings.
    init(_ settings: AuthoritySettings) {
        self.document = Array(Self.value(settings).text.utf8)
        self.entityTag = Hexadecimal.text(of: Array(SHA256.hash(data: document).prefix(16)))
    }

    private static func value(_ settings: AuthoritySettings) -> JSONValue {
        .object([
            .init("openapi", .string("3.1.0")),
            .init(
                "info",
                .object([
                    .init("title", .string("Countersign admin API")),
                    .init("version", .string("1")),
                    .init(
                        "description",
                        .string("Inventory, services, agents, tokens and audit trail of the certificate authority.")
                    ),
                ])
            ),
            .init(
                "security",
                .array([.object([.init("bearer", .array([]))]), .object([.init("mutualTLS", .array([]))])])
            ),
            .init(
                "paths",
                .object(certificatePaths + servicePaths + tokenPaths + tokenKeyPaths(settings) + auditPaths)
            ),
            .init(
                "components",
                .object([
                    .init("schemas", .object(AdminSchemas(settings).all)),
                    .init(
                        "securitySchemes",
                        .object([
                            .init(
                                "bearer",
                                .object([.init("type", .string("http")), .init("scheme", .string("bearer"))])
                            ),
                            .init("mutualTLS", .object([.init("type", .string("mutualTLS"))])),
                        ])
                    ),
                ])
            ),
        ])
    }

    private static var certificatePaths: [JSONValue.Member] {
        let base = "/api/admin/security/certificates"
        let service = OpenAPIParameter.path("service", .serviceName)
        let filters: [OpenAPIParameter] = [
            .query("state", .choice(["active", "expired", "revoked", "held"])),
            .query("expires_before", .time), .query("spiffe_id", .text(atMost: 2048)), .cursor, .limit,
        ]
        let all = filters + [.query("service", .text(atMost: AdminNames.longest))]
        return [
            .path(base, [.get("listCertificates", "List certificates, newest first", all, "CertificatePage")]),
            .path(
                "\(base)/{service}",
                [
                    .get(
                        "listServiceCertificates",
                        "List a service's certificates, newest first",
                        [service] + filters,
                        "CertificatePage",
                        [404]
                    )
                ]
            ),
            .path("\(base)/{service}/rotate", [rotation(service)]),
            .path("\(base)/{service}/revoke", [revocation(service)]),
            .path("\(base)/{service}/sign", [signing(service)]),
            .path(
                "/api/admin/security/serials/{serial}",
                [
                    .get("showCertificate", "Show one certificate", [.path("serial", .serial)], "Certificate", [404])
                ]
            ),
        ]
    }

    private static func rotation(_ service: OpenAPIParameter) -> OpenAPIOperation {
        OpenAPIOperation(
            method: "post",
            identifier: "rotateCertificate",
            summary: "Have the certificate renewed now",
            parameters: [service],
            status: 202,
            answer: "Rotation",
            problems: [404],
            permission: .operatorOrService
        )
    }

    private static func revocation(_ service: OpenAPIParameter) -> OpenAPIOperation {
        OpenAPIOperation(
            method: "post",
            identifier: "revokeCertificates",
            summary: "Revoke, hold or release certificates",
            parameters: [service],
            content: .optional("RevocationRequest"),
            answer: "Revocation",
            problems: [404, 409, 422],
            permission: .operatorOrService
        )
    }

    private static func signing(_ service: OpenAPIParameter) -> OpenAPIOperation {
        OpenAPIOperation(
            method: "post",
            identifier: "signCertificate",
            summary: "Certify a key that stays where it was made",
            parameters: [service],
            content: .required("SigningRequest"),
            status: 201,
            answer: "Issuance",
            problems: [404, 422],
            permission: .operatorOrService
        )
    }

    private static var servicePaths: [JSONValue.Member] {
        let service = OpenAPIParameter.path("service", .serviceName)
        let create = OpenAPIOperation(
            method: "post",
            identifier: "createService",
            summary: "Register a service",
            content: .required("ServiceRequest"),
            status: 201,
            answer: "Service",
            problems: [409, 422],
            permission: .role(.admin)
        )
        let put = OpenAPIOperation(
            method: "put",
            identifier: "putService",
            summary: "Register or change a service",
            parameters: [service],
            content: .required("ServiceChange"),
            answer: "Service",
            problems: [409, 422],
            permission: .role(.admin)
        )
        return [
            .path(
                "/api/admin/services",
                [.get("listServices", "List the registered services", [], "ServiceList"), create]
            ),
            .path(
                "/api/admin/services/{service}",
                [
                    .get("showService", "Show a service", [service], "Service", [404]), put,
                    .delete("removeService", "Remove a service", [service], [404, 409]),
                ]
            ),
            .path("/api/admin/agents", [.get("listAgents", "List the agents that have joined", [], "AgentList")]),
            .path(
                "/api/admin/agents/{agent}",
                [.delete("removeAgent", "Remove an agent", [.path("agent", .name)], [404])]
            ),
        ]
    }

    private static var tokenPaths: [JSONValue.Member] {
        let create = OpenAPIOperation(
            method: "post",
            identifier: "createToken",
            summary: "Make a token; the answer alone holds its secret",
            content: .required("TokenRequest"),
            status: 201,
            answer: "NewToken",
            problems: [404, 409],
            permission: .role(.admin)
        )
        return [
            .path(
                "/api/admin/tokens",
                [.get("listTokens", "List the tokens without their secrets", [], "TokenList"), create]
            ),
            .path(
                "/api/admin/tokens/{name}",
                [
                    .delete(
                        "removeToken",
                        "Remove a token",
                        [.path("name", .name), .query("force", .flag)],
                        [404, 409]
                    )
                ]
            ),
        ]
    }

    /// Only where tokens are issued.
    private static func tokenKeyPaths(_ settings: AuthoritySettings) -> [JSONValue.Member] {
        guard settings.tokens != nil else { return [] }
        let rotate = OpenAPIOperation(
            method: "post",
            identifier: "rotateTokenKey",
            summary: "Have the next signing key of tokens take over as soon as it is known everywhere",
            status: 202,
            answer: "TokenKeyList",
            permission: .role(.admin)
        )
        let drop = OpenAPIOperation(
            method: "delete",
            identifier: "dropTokenKey",
            summary: "Remove a signing key at once, with every token that it signed",
            parameters: [.path("kid", .pattern("^[A-Za-z0-9_-]{43}$", atMost: 43))],
            answer: "TokenKeyList",
            problems: [404],
            permission: .role(.admin)
        )
        return [
            .path(
                "/api/admin/token-keys",
                [.get("listTokenKeys", "List the signing keys of tokens", [], "TokenKeyList")]
            ),
            .path("/api/admin/token-keys/rotate", [rotate]),
            .path("/api/admin/token-keys/{kid}", [drop]),
        ]
    }

    private static var auditPaths: [JSONValue.Member] {
        let filters: [OpenAPIParameter] = [
            .query("actor", .text(atMost: 256)), .query("action", .text(atMost: 64)),
            .query("target", .text(atMost: 256)),
            .query("outcome", .choice(["done", "refused", "failed"])), .cursor, .limit,
        ]
        let description = OpenAPIOperation(
            method: "get",
            identifier: "describe",
            summary: "Show this description",
            answer: "Description",
            permission: .everybody
        )
        return [
            .path(
                "/api/admin/audit",
                [.get("listAudit", "List the audit trail, newest first", filters, "AuditPage")]
            ),
            .path("/api/admin/openapi.json", [description]),
        ]
    }
}
