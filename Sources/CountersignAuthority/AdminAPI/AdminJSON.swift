import CountersignIdentity
import CountersignIssuance
import CountersignJSON
import CountersignPKI

/// How the admin API shows records.
enum AdminJSON {
    /// A certificate of the inventory; with `pem`, the certificate itself as well.
    static func certificate(_ record: CertificateRecord, now: Int64, withPEM: Bool = false) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("serial", .string(record.serial)),
            .init("service", .optional(record.service)),
            .init("state", .string(record.state(at: now).rawValue)),
            .init("profile", .string(record.profile)),
            .init("subject", .string(record.subject)),
            .init("spiffe_id", .optional(record.spiffeID)),
            .init("names", .strings(record.names)),
            .init("not_before", time(record.notBefore)),
            .init("not_after", time(record.notAfter)),
            .init("remaining_seconds", .number(max(record.notAfter - now, 0))),
            .init("issued_at", time(record.issuedAt)),
            .init("key_algorithm", .string(record.keyAlgorithm)),
            .init("issuer_key_id", .string(record.issuerKeyID)),
            .init("fingerprint_sha256", .string(record.fingerprint)),
            .init("channel", .string(record.channel.rawValue)),
            .init("requester", .string(record.requester)),
            .init("revocation", record.revocation.map(revocation) ?? .null),
        ]
        if withPEM {
            members.append(.init("certificate", .string(PEMBlock.text(label: "CERTIFICATE", der: record.der))))
        }
        return .object(members)
    }

    /// A registered service.
    static func service(_ service: ServiceRegistration) -> JSONValue {
        .object([
            .init("name", .string(service.name)),
            .init("namespace", .string(service.namespace)),
            .init("spiffe_id", .string(service.spiffeID.description)),
            .init("profile", .string(service.profile)),
            .init("dns_names", .strings(service.dnsNames)),
            .init("ip_addresses", .strings(service.addresses.map(\.description))),
            .init("owner", .optional(service.owner)),
            .init(
                "labels",
                .object(service.labels.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })
            ),
            .init("audiences", .strings(service.tokens.audiences)),
            .init("roles", .strings(service.tokens.roles)),
            .init("scopes", .strings(service.tokens.scopes)),
            .init("origin", .string(service.origin.rawValue)),
        ])
    }

    /// A token without its digest.
    static func token(_ token: AccessToken) -> JSONValue {
        var members: [JSONValue.Member] = [.init("name", .string(token.name))]
        switch token.kind {
        case .join(let agent, let services):
            members += [
                .init("kind", .string("join")), .init("agent", .string(agent)), .init("services", .strings(services)),
                .init("role", .null),
            ]
        case .bearer(let role):
            members += [
                .init("kind", .string("bearer")), .init("agent", .null), .init("services", .array([])),
                .init("role", .string(role.rawValue)),
            ]
        }
        members += [
            .init("created_at", time(token.createdAt)),
            .init("expires_at", token.expiresAt.map(time) ?? .null),
            .init("used_at", token.usedAt.map(time) ?? .null),
            .init("creator", .string(token.creator)),
        ]
        return .object(members)
    }

    /// An agent that has joined.
    static func agent(_ agent: AgentRegistration) -> JSONValue {
        .object([
            .init("name", .string(agent.name)),
            .init("services", .strings(agent.services)),
            .init("joined_at", time(agent.joinedAt)),
        ])
    }

    /// A line of the audit trail.
    static func audit(_ record: AuditRecord) -> JSONValue {
        .object([
            .init("sequence", .number(record.sequence)),
            .init("date", time(record.date)),
            .init("actor", .string(record.actor)),
            .init("address", .optional(record.address)),
            .init("action", .string(record.action)),
            .init("target", .string(record.target)),
            .init("outcome", .string(record.outcome.rawValue)),
            .init("detail", .string(record.detail)),
        ])
    }

    /// A page of a list: its elements under `name`, and the cursor of the next page.
    static func page<Element>(
        _ name: String,
        _ page: Page<Element>,
        _ element: (Element) -> JSONValue
    ) -> JSONValue {
        .object([
            .init(name, .array(page.elements.map(element))),
            .init("next_cursor", page.next.map { .string(String($0)) } ?? .null),
        ])
    }

    /// A moment in RFC 3339.
    static func time(_ seconds: Int64) -> JSONValue {
        .string(CalendarTime(unixSeconds: seconds).rfc3339)
    }

    private static func revocation(_ mark: RevocationMark) -> JSONValue {
        .object([
            .init("date", time(mark.date)),
            .init("reason", .string(mark.reason.name)),
            .init("actor", .string(mark.actor)),
        ])
    }
}
