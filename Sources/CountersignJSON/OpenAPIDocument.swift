/// What the descriptions of our APIs (OpenAPI 3.1) have in common.
package enum OpenAPIDocument {
    /// The description of an API whose callers show a bearer token or a certificate.
    ///
    /// - Parameters:
    ///   - title: what the API is called.
    ///   - version: the version of the API.
    ///   - description: one sentence.
    ///   - paths: the operations by path.
    ///   - schemas: the shapes by name.
    package static func value(
        title: String,
        version: String,
        description: String,
        paths: [JSONValue.Member],
        schemas: [JSONValue.Member]
    ) -> JSONValue {
        let info: [JSONValue.Member] = [
            .init("title", .string(title)), .init("version", .string(version)),
            .init("description", .string(description)),
        ]
        let either = ["bearer", "mutualTLS"].map { JSONValue.object([.init($0, .array([]))]) }
        let schemes: [JSONValue.Member] = [
            .init("bearer", .object([.init("type", .string("http")), .init("scheme", .string("bearer"))])),
            .init("mutualTLS", .object([.init("type", .string("mutualTLS"))])),
        ]
        return .object([
            .init("openapi", .string("3.1.0")), .init("info", .object(info)), .init("security", .array(either)),
            .init("paths", .object(paths)),
            .init(
                "components",
                .object([.init("schemas", .object(schemas)), .init("securitySchemes", .object(schemes))])
            ),
        ])
    }
}
