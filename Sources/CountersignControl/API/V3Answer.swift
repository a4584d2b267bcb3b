import CountersignHTTPServer
import CountersignJSON
import CountersignPKI

/// Answers in the forms of Cloud Foundry's V3 API.
enum V3Answer {
    /// A document that must not be stored.
    static func document(_ status: Int, _ document: JSONValue) -> ServerResponse {
        var response = ServerResponse.json(status, document.compactBytes)
        response.fields.append((name: "Cache-Control", value: "no-store"))
        return response
    }

    /// A refusal.
    static func error(_ error: ControlError) -> ServerResponse {
        let body = JSONValue.object([
            .init(
                "errors",
                .array([
                    .object([
                        .init("code", .number(error.code)), .init("title", .string(error.title)),
                        .init("detail", .string(error.detail)),
                    ])
                ])
            )
        ])
        var response = document(error.status, body)
        if error.status == 401 {
            response.fields.append((name: "WWW-Authenticate", value: "Bearer realm=\"countersign\""))
        }
        if error.status == 429 || error.status == 503 {
            response.fields.append((name: "Retry-After", value: "1"))
        }
        return response
    }

    /// The answer for a path or method below `/v3` that there is not.
    static func fault(_ request: ServerRequest, _ fault: RouteFault) -> ServerResponse {
        switch fault {
        case .notFound: error(.unknownPath("There is nothing at \(request.path.prefix(200))"))
        case .methodNotAllowed(let allow): error(.methodNotAllowed("Use \(allow)"))
        case .malformedPath(let reason): error(.unreadable(reason))
        }
    }

    /// The answer to content that is larger than is taken.
    static func tooLarge(_ limit: Int) -> ServerResponse {
        error(.tooLarge("The content is larger than \(limit) bytes"))
    }

    /// A moment in RFC 3339.
    static func time(_ seconds: Int64) -> JSONValue {
        .string(CalendarTime(unixSeconds: seconds).rfc3339)
    }

    /// The URL of a path, as the caller has reached this server.
    static func link(_ request: ServerRequest, _ path: String) -> JSONValue {
        let scheme = request.connection.isTLS ? "https" : "http"
        return .object([.init("href", .string("\(scheme)://\(request.host)\(path)"))])
    }

    /// A relationship to one other record, or to none.
    static func relationship(_ guid: String?) -> JSONValue {
        .object([.init("data", guid.map { .object([.init("guid", .string($0))]) } ?? .null)])
    }
}
