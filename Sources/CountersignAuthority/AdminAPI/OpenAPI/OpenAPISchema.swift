import CountersignJSON

/// The JSON Schema of a value, in the few shapes that the admin API has.
indirect enum OpenAPISchema: Sendable {
    /// A string of at most so many characters.
    case text(atMost: Int)
    /// Any string.
    case anyText
    /// A name in a path or a member, of at most 128 characters.
    case name
    /// A moment in RFC 3339.
    case time
    /// One of these strings.
    case choice([String])
    /// A whole number within bounds.
    case integer(Int64, Int64)
    /// Any whole number.
    case anyInteger
    /// True or false.
    case flag
    /// An array.
    case array(OpenAPISchema, atMost: Int?)
    /// A string for each free name.
    case map
    /// The schema of that name.
    case reference(String)
    /// The schema, or null.
    case nullable(OpenAPISchema)

    /// The schema as JSON.
    var json: JSONValue {
        switch self {
        case .text(let limit):
            .object([.init("type", .string("string")), .init("maxLength", .number(Int64(limit)))])
        case .anyText: .object([.init("type", .string("string"))])
        case .name:
            .object([
                .init("type", .string("string")), .init("minLength", .number(1)), .init("maxLength", .number(128)),
            ])
        case .time: .object([.init("type", .string("string")), .init("format", .string("date-time"))])
        case .choice(let values): .object([.init("type", .string("string")), .init("enum", .strings(values))])
        case .integer(let lowest, let highest):
            .object([
                .init("type", .string("integer")), .init("minimum", .number(lowest)),
                .init("maximum", .number(highest)),
            ])
        case .anyInteger: .object([.init("type", .string("integer"))])
        case .flag: .object([.init("type", .string("boolean"))])
        case .array(let element, let limit):
            .object(
                [.init("type", .string("array")), .init("items", element.json)]
                    + (limit.map { [.init("maxItems", .number(Int64($0)))] } ?? [])
            )
        case .map:
            .object([
                .init("type", .string("object")),
                .init("additionalProperties", .object([.init("type", .string("string"))])),
            ])
        case .reference(let name): .object([.init("$ref", .string("#/components/schemas/\(name)"))])
        case .nullable(let schema):
            .object([.init("anyOf", .array([schema.json, .object([.init("type", .string("null"))])]))])
        }
    }
}

/// A parameter of a call.
struct OpenAPIParameter: Sendable {
    let name: String
    let place: String
    let schema: OpenAPISchema

    /// A part of the path.
    static func path(_ name: String, _ schema: OpenAPISchema) -> OpenAPIParameter {
        OpenAPIParameter(name: name, place: "path", schema: schema)
    }

    /// A part of the query.
    static func query(_ name: String, _ schema: OpenAPISchema) -> OpenAPIParameter {
        OpenAPIParameter(name: name, place: "query", schema: schema)
    }

    /// Where a page begins.
    static let cursor = OpenAPIParameter.query("cursor", .integer(0, Int64.max))
    /// The size of a page.
    static let limit = OpenAPIParameter.query("limit", .integer(1, 1000))

    /// The parameter as JSON.
    var json: JSONValue {
        .object([
            .init("name", .string(name)), .init("in", .string(place)), .init("required", .bool(place == "path")),
            .init("schema", schema.json),
        ])
    }
}
