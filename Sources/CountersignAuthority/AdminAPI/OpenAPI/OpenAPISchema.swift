import CountersignJSON

/// The JSON Schema of a value, in the few shapes that the admin API has.
indirect enum OpenAPISchema: Sendable {
    /// A string of at most so many characters.
    case text(atMost: Int)
    /// Any string.
    case anyText
    /// A string of one to so many characters.
    case filledText(atMost: Int)
    /// A string that a regular expression matches whole.
    case pattern(String, atMost: Int)
    /// The name of a token or an agent.
    case name
    /// The name of a service or a namespace.
    case serviceName
    /// A serial number in hexadecimal.
    case serial
    /// An IP address.
    case address
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
    /// A string for each free name, within bounds where there are any.
    case map(atMost: Int?, length: Int?)
    /// Any object.
    case anyObject
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
        case .filledText(let limit):
            .object([
                .init("type", .string("string")), .init("minLength", .number(1)),
                .init("maxLength", .number(Int64(limit))),
            ])
        case .pattern(let pattern, let limit):
            .object([
                .init("type", .string("string")), .init("pattern", .string(pattern)),
                .init("maxLength", .number(Int64(limit))),
            ])
        case .name:
            OpenAPISchema.pattern(AdminNames.pattern(atMost: AdminNames.longest), atMost: AdminNames.longest).json
        case .serviceName:
            OpenAPISchema.pattern(
                AdminNames.pattern(atMost: AdminNames.longestService),
                atMost: AdminNames.longestService
            ).json
        case .serial: OpenAPISchema.pattern("^[0-9A-Fa-f]{1,64}$", atMost: 64).json
        case .address:
            .object([
                .init(
                    "anyOf",
                    .array(
                        ["ipv4", "ipv6"].map { format in
                            .object([.init("type", .string("string")), .init("format", .string(format))])
                        }
                    )
                )
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
        case .map(let count, let length): Self.map(count, length)
        case .anyObject: .object([.init("type", .string("object"))])
        case .reference(let name): .object([.init("$ref", .string("#/components/schemas/\(name)"))])
        case .nullable(let schema):
            .object([.init("anyOf", .array([schema.json, .object([.init("type", .string("null"))])]))])
        }
    }

    private static func map(_ count: Int?, _ length: Int?) -> JSONValue {
        var value = [JSONValue.Member("type", .string("string"))]
        var members = [JSONValue.Member("type", .string("object"))]
        if let length {
            value.append(.init("maxLength", .number(Int64(length))))
            let name = JSONValue.object([.init("minLength", .number(1)), .init("maxLength", .number(Int64(length)))])
            members.append(.init("propertyNames", name))
        }
        if let count { members.append(.init("maxProperties", .number(Int64(count)))) }
        members.append(.init("additionalProperties", .object(value)))
        return .object(members)
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
