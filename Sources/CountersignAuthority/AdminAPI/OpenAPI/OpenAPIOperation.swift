import CountersignJSON

/// One call of the admin API, as its description shows it.
struct OpenAPIOperation: Sendable {
    let method: String
    let summary: String
    let parameters: [OpenAPIParameter]
    var content: String?
    var needsContent = true
    let status: Int
    var answer: String?
    let problems: [Int]

    static func get(
        _ summary: String,
        _ parameters: [OpenAPIParameter],
        _ answer: String,
        _ problems: [Int] = []
    ) -> OpenAPIOperation {
        OpenAPIOperation(
            method: "get",
            summary: summary,
            parameters: parameters,
            status: 200,
            answer: answer,
            problems: problems
        )
    }

    static func post(
        _ summary: String,
        _ parameters: [OpenAPIParameter],
        _ content: String?,
        _ status: Int,
        _ answer: String,
        _ problems: [Int],
        needsContent: Bool = true
    ) -> OpenAPIOperation {
        OpenAPIOperation(
            method: "post",
            summary: summary,
            parameters: parameters,
            content: content,
            needsContent: needsContent,
            status: status,
            answer: answer,
            problems: problems
        )
    }

    static func put(
        _ summary: String,
        _ parameters: [OpenAPIParameter],
        _ content: String,
        _ answer: String,
        _ problems: [Int]
    ) -> OpenAPIOperation {
        OpenAPIOperation(
            method: "put",
            summary: summary,
            parameters: parameters,
            content: content,
            status: 200,
            answer: answer,
            problems: problems
        )
    }

    static func delete(
        _ summary: String,
        _ parameters: [OpenAPIParameter],
        _ problems: [Int]
    ) -> OpenAPIOperation {
        OpenAPIOperation(method: "delete", summary: summary, parameters: parameters, status: 204, problems: problems)
    }

    /// The operation as a member of its path.
    var member: JSONValue.Member {
        var members: [JSONValue.Member] = [
            .init("summary", .string(summary)),
            .init("parameters", .array(parameters.map(\.json))),
        ]
        if let content {
            members.append(
                .init(
                    "requestBody",
                    .object([
                        .init("required", .bool(needsContent)),
                        .init("content", Self.content("application/json", content)),
                    ])
                )
            )
        }
        var answers = [JSONValue.Member(String(status), success)]
        for problem in [400, 401, 403] + problems + [429, 503]
        where !answers.contains(where: { $0.name == "\(problem)" }) {
            answers.append(.init(String(problem), Self.problem))
        }
        members.append(.init("responses", .object(answers)))
        return .init(method, .object(members))
    }

    private var success: JSONValue {
        guard let answer else { return .object([.init("description", .string("Done"))]) }
        return .object([
            .init("description", .string("Done")), .init("content", Self.content("application/json", answer)),
        ])
    }

    private static let problem = JSONValue.object([
        .init("description", .string("Refused (RFC 9457)")),
        .init("content", content("application/problem+json", "Problem")),
    ])

    private static func content(_ type: String, _ schema: String) -> JSONValue {
        .object([.init(type, .object([.init("schema", OpenAPISchema.reference(schema).json)]))])
    }
}

extension JSONValue.Member {
    /// A path with its operations.
    static func path(_ path: String, _ operations: [OpenAPIOperation]) -> JSONValue.Member {
        .init(path, .object(operations.map(\.member)))
    }
}
