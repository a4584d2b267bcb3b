import CountersignControlModel
import CountersignHTTPServer
import CountersignIdentity
import CountersignJSON
import CountersignPolicy

/// How the API shows records, with links by which the caller of a request reaches them.
struct V3JSON {
    let request: ServerRequest
    let state: ControlState

    /// A domain.
    func domain(_ domain: DomainRecord) -> JSONValue {
        let path = "/v3/domains/\(domain.header.guid)"
        return .object(
            header(domain.header) + [
                .init("name", .string(domain.name)), .init("internal", .bool(domain.isInternal)),
                .init("router_group", .null), .init("supported_protocols", .strings(["http"])),
                .init("enforce_route_policies", .bool(domain.enforcesPolicies)),
                .init("route_policies_scope", .optional(domain.policyScope?.rawValue)),
                metadata(domain.metadata),
                .init(
                    "relationships",
                    .object([
                        .init("organization", V3Answer.relationship(nil)),
                        .init("shared_organizations", .object([.init("data", .array([]))])),
                    ])
                ),
                links(["self": path, "routes": "/v3/routes?domain_guids=\(domain.header.guid)"]),
            ]
        )
    }

    /// A route.
    func route(_ route: RouteRecord) -> JSONValue {
        let guid = route.header.guid
        let url = state.domains[route.domain].map { route.pattern(on: $0) } ?? ""
        return .object(
            header(route.header) + [
                .init("protocol", .string("http")), .init("host", .string(route.host)),
                .init("path", .string(route.path)), .init("port", .null), .init("url", .string(url)),
                .init("destinations", .array(route.destinations.map(destination))),
                .init("options", route.options.document),
                metadata(route.metadata),
                .init(
                    "relationships",
                    .object([
                        .init("space", V3Answer.relationship(route.space)),
                        .init("domain", V3Answer.relationship(route.domain)),
                    ])
                ),
                links([
                    "self": "/v3/routes/\(guid)", "domain": "/v3/domains/\(route.domain)",
                    "destinations": "/v3/routes/\(guid)/destinations",
                    "route_policies": "/v3/route_policies?route_guids=\(guid)",
                ]),
            ]
        )
    }

    /// A destination of a route.
    func destination(_ destination: RouteDestination) -> JSONValue {
        func guid(_ text: String?) -> JSONValue { text.map { .object([.init("guid", .string($0))]) } ?? .null }
        return .object([
            .init("guid", .string(destination.guid)), .init("host", .string(destination.host)),
            .init("port", .number(Int64(destination.port))), .init("tls", .bool(destination.usesTLS)),
            .init("protocol", .string(destination.usesHTTP2 ? "http2" : "http1")),
            .init("certificate_name", .optional(destination.certificateName)),
            .init("app", guid(destination.app)), .init("space", guid(destination.space)),
            .init("organization", guid(destination.organization)), .init("weight", .null),
        ])
    }

    /// The destinations of a route.
    func destinations(_ route: RouteRecord) -> JSONValue {
        let path = "/v3/routes/\(route.header.guid)"
        return .object([
            .init("destinations", .array(route.destinations.map(destination))),
            links(["self": "\(path)/destinations", "route": path]),
        ])
    }

    /// A permission of either side.
    func policy(_ policy: PolicyRecord) -> JSONValue {
        let list = policy.side == .route ? "/v3/route_policies" : "/v3/caller_policies"
        return .object(
            header(policy.header) + [
                .init("source", .string(policy.source.description)),
                metadata(policy.metadata),
                .init(
                    "relationships",
                    .object([
                        .init("route", V3Answer.relationship(policy.route)),
                        .init("app", V3Answer.relationship(policy.source.guid(of: .app))),
                        .init("space", V3Answer.relationship(policy.source.guid(of: .space))),
                        .init("organization", V3Answer.relationship(policy.source.guid(of: .organization))),
                    ])
                ),
                links(["self": "\(list)/\(policy.header.guid)", "route": "/v3/routes/\(policy.route)"]),
            ]
        )
    }

    /// A name.
    func name(_ name: NameRecord) -> JSONValue {
        var members = header(name.header) + [.init("name", .string(name.name))]
        if let parentKind = name.kind.parentKind {
            let relationship = V3Answer.relationship(name.parent)
            members.append(.init("relationships", .object([.init(parentKind.rawValue, relationship)])))
        }
        return .object(members + [links(["self": "/v3/\(name.kind.collection)/\(name.header.guid)"])])
    }

    private func header(_ header: RecordHeader) -> [JSONValue.Member] {
        [
            .init("guid", .string(header.guid)), .init("created_at", V3Answer.time(header.createdAt)),
            .init("updated_at", V3Answer.time(header.updatedAt)),
        ]
    }

    private func metadata(_ metadata: RecordMetadata) -> JSONValue.Member {
        .init(
            "metadata",
            .object([.init("labels", .texts(metadata.labels)), .init("annotations", .texts(metadata.annotations))])
        )
    }

    private func links(_ paths: KeyValuePairs<String, String>) -> JSONValue.Member {
        .init("links", .object(paths.map { .init($0.key, V3Answer.link(request, $0.value)) }))
    }
}

extension PolicySource {
    /// The GUID that the source names, when it is of this kind.
    func guid(of kind: NameRecord.Kind) -> String? {
        switch (self, kind) {
        case (.app(let guid), .app), (.space(let guid), .space), (.organization(let guid), .organization):
            guid.description
        default: nil
        }
    }

    /// The GUID that the source names, of whatever kind.
    var guid: String? {
        switch self {
        case .app(let guid), .space(let guid), .organization(let guid): guid.description
        case .any, .spiffe: nil
        }
    }
}

extension NameRecord.Kind {
    /// The path of its list.
    var collection: String {
        switch self {
        case .organization: "organizations"
        case .space: "spaces"
        case .app: "apps"
        }
    }
}
