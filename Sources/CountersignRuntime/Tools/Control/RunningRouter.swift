import CountersignJSON

/// A running router, as its admin listener answers.
struct RunningRouter {
    private let connection: AdminConnection
    private let url: String

    /// Takes `HOST:PORT` or a URL.
    ///
    /// - Throws: ``ToolError`` for what is neither.
    init(_ address: String) throws(ToolError) {
        url = address.contains("://") ? address : "http://\(address)"
        connection = try AdminConnection(AdminConnectionOptions(url: url, option: "--router", peer: "the router"))
    }

    /// What would become of a request.
    ///
    /// - Throws: ``ToolError`` when nobody answers, or refuses to.
    func explain(_ request: ExplainedRequest) throws(ToolError) -> JSONValue {
        let document = ExplainEndpoint.document(of: request)
        guard let answer = try connection.call("POST", ExplainEndpoint.path, document) else {
            throw ToolError("the router at \(url) gave no answer", exitCode: AdminConnection.refused)
        }
        return answer
    }
}
