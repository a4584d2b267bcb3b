import CountersignIssuance
import CountersignJSON

/// One call of the admin API, as its description shows it.
struct OpenAPIOperation: Sendable {
    let method: String
    /// The name that generated clients give the call.
    let identifier: String
    let summary: String
    var parameters: [OpenAPIParameter] = []
    var content: OpenAPIContent?
    var status = 200
    /// The schema of the answer; nil when the answer has no content.
    var answer: String?
    /// The statuses of refusals beside those that every call has.
    var problems: [Int] = []
    let permission: OpenAPIPermission

    /// A call that reads, for every role.
    static func get(
        _ identifier: String,
        _ summary: String,
        _ parameters: [OpenAPIParameter],
        _ answer: String,
        _ problems: [Int] = []
    ) -> OpenAPIOperation {
        OpenAPIOperation(
            method: "get",
            identifier: identifier,
            summary: summary,
            parameters: parameters,
            answer: answer,
            problems: problems,
            permission: .role(.auditor)
        )
    }

    /// A call that removes something, for administrators.
    static func delete(
        _ identifier: String,
        _ summary: String,
        _ parameters: [OpenAPIParameter],
        _ problems: [Int]
    ) -> OpenAPIOperation {
        OpenAPIOperation(
            method: "delete",
            identifier: identifier,
            summary: summary,
            parameters: parameters,
            status: 204,
            problems: problems,
            permission: .role(.admin)
        )
    }

    /// The operation as a member of its path.
    var member: JSONValue.Member {
        var members: [JSONValue.Member] = [
            .init("operationId", .string(identifier)),
            .init("summary", .string(summary)),
            .init("description", .string(permission.sentence)),
        ]
        if permission == .everybody { members.append(.init("security", .array([]))) }
        members.append(.init("parameters", .array(parameters.map(\.json))))
        if let content { members.append(.init("requestBody", content.json)) }
        members.append(.init("responses", .object(responses)))
        return .init(method, .object(members))
    }

    private var responses: [JSONValue.Member] {
        let refusals = permission == .everybody ? [400] : [400, 401, 403] + problems + [421, 429, 503]
        let protocolRefusals = (content == nil ? [] : [413]) + [414, 431]
        return [JSONValue.Member(String(status), success)]
            + Set(refusals).sorted().map { JSONValue.Member(String($0), OpenAPIRefusal.problem($0)) }
            + protocolRefusals.map { JSONValue.Member(String($0), OpenAPIRefusal.unreadable($0)) }
    }

    private var success: JSONValue {
        var members: [JSONValue.Member] = [.init("description", .string("Done"))]
        if let answer { members.append(.init("content", OpenAPIContent.schema("application/json", answer))) }
        return .object(members)
    }
}

extension JSONValue.Member {
    /// A path with its operations.
    static func path(_ path: String, _ operations: [OpenAPIOperation]) -> JSONValue.Member {
        .init(path, .object(operations.map(\.member)))
    }
}
