import CountersignJSON

/// The answers of calls that are refused.
enum OpenAPIRefusal {
    /// A problem document with the header fields that its status has.
    static func problem(_ status: Int) -> JSONValue {
        var members: [JSONValue.Member] = [.init("description", .string("Refused (RFC 9457)"))]
        if let (name, schema) = field(status) {
            members.append(.init("headers", .object([.init(name, required(schema))])))
        }
        members.append(.init("content", OpenAPIContent.schema("application/problem+json", "Problem")))
        return .object(members)
    }

    /// A line of text from before the request was understood: too long for any call.
    static func unreadable(_ status: Int) -> JSONValue {
        let text = JSONValue.object([.init("schema", OpenAPISchema.anyText.json)])
        return .object([
            .init("description", .string(words(status))),
            .init("content", .object([.init("text/plain", text)])),
        ])
    }

    private static func field(_ status: Int) -> (String, OpenAPISchema)? {
        switch status {
        case 401: ("WWW-Authenticate", .anyText)
        case 429, 503: ("Retry-After", .anyInteger)
        default: nil
        }
    }

    private static func required(_ schema: OpenAPISchema) -> JSONValue {
        .object([.init("required", .bool(true)), .init("schema", schema.json)])
    }

    private static func words(_ status: Int) -> String {
        switch status {
        case 413: "The content is too long"
        case 414: "The path with its query is too long"
        default: "The header fields are too long"
        }
    }
}
