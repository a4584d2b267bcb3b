import CountersignJSON

/// The content that a call takes.
struct OpenAPIContent: Sendable {
    /// The name of its schema.
    let schema: String
    /// Whether the call is refused without it.
    let isRequired: Bool

    /// Content that must be there.
    static func required(_ schema: String) -> OpenAPIContent { OpenAPIContent(schema: schema, isRequired: true) }

    /// Content that may be left out.
    static func optional(_ schema: String) -> OpenAPIContent { OpenAPIContent(schema: schema, isRequired: false) }

    /// The content as JSON.
    var json: JSONValue {
        .object([
            .init("required", .bool(isRequired)),
            .init("content", Self.schema("application/json", schema)),
        ])
    }

    /// The schema of that name as content of a type.
    static func schema(_ type: String, _ schema: String) -> JSONValue {
        .object([.init(type, .object([.init("schema", OpenAPISchema.reference(schema).json)]))])
    }
}
