package import CountersignJSON
import CountersignPolicy

/// The form in which a store keeps records; it is not the form of the API, which may change without it.
extension ControlRecord {
    /// The record as a document.
    package var document: JSONValue {
        switch self {
        case .domain(let record):
            Self.object(
                record.header,
                record.metadata,
                [
                    .init("name", .string(record.name)), .init("internal", .bool(record.isInternal)),
                    .init("scope", .optional(record.policyScope?.rawValue)),
                ]
            )
        case .route(let record):
            Self.object(
                record.header,
                record.metadata,
                [
                    .init("domain", .string(record.domain)), .init("host", .string(record.host)),
                    .init("path", .string(record.path)), .init("space", .optional(record.space)),
                    .init("destinations", .array(record.destinations.map(\.document))),
                    .init("options", record.options.document),
                ]
            )
        case .policy(let record):
            Self.object(
                record.header,
                record.metadata,
                [
                    .init("side", .string(record.side.rawValue)),
                    .init("source", .string(record.source.description)), .init("route", .string(record.route)),
                ]
            )
        case .name(let record):
            Self.object(
                record.header,
                RecordMetadata(),
                [.init("name", .string(record.name)), .init("parent", .optional(record.parent))]
            )
        }
    }

    /// Reads a record that ``document`` has made.
    ///
    /// - Throws: `JSONError` for a document that it cannot have made.
    package init(kind: Kind, reading value: JSONValue) throws(JSONError) {
        let object = try JSONObject(value, known: nil)
        let header = RecordHeader(
            guid: try object.requiredString("guid"),
            createdAt: try object.integer("created_at") ?? 0,
            updatedAt: try object.integer("updated_at") ?? 0,
            order: try object.integer("order") ?? 0
        )
        let metadata = RecordMetadata(
            labels: try object.stringMap("labels") ?? [:],
            annotations: try object.stringMap("annotations") ?? [:]
        )
        switch kind {
        case .domain: self = .domain(try Self.domain(object, header, metadata))
        case .route: self = .route(try Self.route(object, header, metadata))
        case .policy: self = .policy(try Self.policy(object, header, metadata))
        case .organization: self = .name(try Self.name(object, header, .organization))
        case .space: self = .name(try Self.name(object, header, .space))
        case .app: self = .name(try Self.name(object, header, .app))
        }
    }

    private static func domain(
        _ object: JSONObject,
        _ header: RecordHeader,
        _ metadata: RecordMetadata
    ) throws(JSONError) -> DomainRecord {
        DomainRecord(
            header: header,
            name: try object.requiredString("name"),
            isInternal: try object.bool("internal") ?? false,
            policyScope: try object.string("scope").map { text throws(JSONError) in
                guard let scope = RoutePolicyScope(rawValue: text) else { throw object.wrong("scope", "a scope") }
                return scope
            },
            metadata: metadata
        )
    }

    private static func route(
        _ object: JSONObject,
        _ header: RecordHeader,
        _ metadata: RecordMetadata
    ) throws(JSONError) -> RouteRecord {
        var destinations: [RouteDestination] = []
        for member in try object.objects("destinations", known: nil) ?? [] {
            destinations.append(try RouteDestination(reading: member))
        }
        return RouteRecord(
            header: header,
            domain: try object.requiredString("domain"),
            host: try object.string("host") ?? "",
            path: try object.string("path") ?? "",
            space: try object.string("space"),
            destinations: destinations,
            options: try RouteOptions(reading: object["options"] ?? .object([]), at: "$.options"),
            metadata: metadata
        )
    }

    private static func policy(
        _ object: JSONObject,
        _ header: RecordHeader,
        _ metadata: RecordMetadata
    ) throws(JSONError) -> PolicyRecord {
        guard let side = PolicyRecord.Side(rawValue: try object.requiredString("side")),
            let source = try? PolicySource(parsing: try object.requiredString("source"))
        else { throw object.wrong("source", "a source") }
        return PolicyRecord(
            header: header,
            side: side,
            source: source,
            route: try object.requiredString("route"),
            metadata: metadata
        )
    }

    private static func name(
        _ object: JSONObject,
        _ header: RecordHeader,
        _ kind: NameRecord.Kind
    ) throws(JSONError) -> NameRecord {
        NameRecord(
            header: header,
            kind: kind,
            name: try object.requiredString("name"),
            parent: try object.string("parent")
        )
    }

    private static func object(
        _ header: RecordHeader,
        _ metadata: RecordMetadata,
        _ members: [JSONValue.Member]
    ) -> JSONValue {
        var all: [JSONValue.Member] = [
            .init("guid", .string(header.guid)), .init("created_at", .number(header.createdAt)),
            .init("updated_at", .number(header.updatedAt)), .init("order", .number(header.order)),
        ]
        all += members
        if !metadata.labels.isEmpty { all.append(.init("labels", .texts(metadata.labels))) }
        if !metadata.annotations.isEmpty { all.append(.init("annotations", .texts(metadata.annotations))) }
        return .object(all)
    }
}

extension JSONValue {
    /// An object of texts, its members in the order of their names.
    package static func texts(_ texts: [String: String]) -> JSONValue {
        .object(texts.sorted { $0.key < $1.key }.map { Member($0.key, .string($0.value)) })
    }
}
