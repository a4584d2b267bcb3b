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
            .init("paths", .object(certificatePaths + servicePaths + tokenPaths + auditPaths)),
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
        let filters: [OpenAPIParameter] = [
            .query("state", .choice(["active", "expired", "revoked", "held"])),
            .query("expires_before", .time), .query("spiffe_id", .text(atMost: 2048)), .cursor, .limit,
        ]
        return [
            .path(
                base,
                [
                    .get(
                        "List certificates, newest first",
                        filters + [.query("service", .text(atMost: AdminNames.longest))],
                        "CertificatePage"
                    )
                ]
            ),
            .path(
                "\(base)/{service}",
                [
                    .get(
                        "List a service's certificates, newest first",
                        [.path("service", .serviceName)] + filters,
                        "CertificatePage",
                        [404]
                    )
                ]
            ),
            .path(
                "\(base)/{service}/rotate",
                [
                    .post(
                        "Have the certificate renewed now",
                        [.path("service", .serviceName)],
                        nil,
                        202,
                        "Rotation",
                        [404]
                    )
                ]
            ),
            .path(
                "\(base)/{service}/revoke",
                [
                    .post(
                        "Revoke, hold or release certificates",
                        [.path("service", .serviceName)],
                        "RevocationRequest",
                        200,
                        "Revocation",
                        [404, 409, 422, 429],
                        needsContent: false
                    )
                ]
            ),
            .path(
                "/api/admin/security/serials/{serial}",
                [
                    .get("Show one certificate", [.path("serial", .serial)], "Certificate", [404])
                ]
            ),
        ]
    }

    private static var servicePaths: [JSONValue.Member] {
        [
            .path(
                "/api/admin/services",
                [
                    .get("List the registered services", [], "ServiceList"),
                    .post("Register a service", [], "ServiceRequest", 201, "Service", [409, 422]),
                ]
            ),
            .path(
                "/api/admin/services/{service}",
                [
                    .get("Show a service", [.path("service", .serviceName)], "Service", [404]),
                    .put(
                        "Register or change a service",
                        [.path("service", .serviceName)],
                        "ServiceChange",
                        "Service",
                        [409, 422]
                    ),
                    .delete("Remove a service", [.path("service", .serviceName)], [404, 409]),
                ]
            ),
            .path("/api/admin/agents", [.get("List the agents that have joined", [], "AgentList")]),
            .path("/api/admin/agents/{agent}", [.delete("Remove an agent", [.path("agent", .name)], [404])]),
        ]
    }

    private static var tokenPaths: [JSONValue.Member] {
        [
            .path(
                "/api/admin/tokens",
                [
                    .get("List the tokens without their secrets", [], "TokenList"),
                    .post(
                        "Make a token; the answer alone holds its secret",
                        [],
                        "TokenRequest",
                        201,
                        "NewToken",
                        [404, 409]
                    ),
                ]
            ),
            .path("/api/admin/tokens/{name}", [.delete("Remove a token", [.path("name", .name)], [404])]),
        ]
    }

    private static var auditPaths: [JSONValue.Member] {
        let filters: [OpenAPIParameter] = [
            .query("actor", .text(atMost: 256)), .query("action", .text(atMost: 64)),
            .query("target", .text(atMost: 256)),
            .query("outcome", .choice(["done", "refused", "failed"])), .cursor, .limit,
        ]
        return [.path("/api/admin/audit", [.get("List the audit trail, newest first", filters, "AuditPage")])]
    }
}
