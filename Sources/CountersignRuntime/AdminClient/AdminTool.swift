package import CountersignJSON

/// The commands over the admin API: one call, its document as a table for people or as JSON for programs.
package struct AdminTool: Sendable {
    let connection: AdminConnection
    let isJSON: Bool

    /// Prepares the calls of one command.
    ///
    /// - Parameters:
    ///   - options: where the API is and who calls.
    ///   - json: whether documents are printed as JSON, in place of tables.
    ///   - names: the command's options, which messages name in place of members and parameters.
    /// - Throws: ``ToolError`` when a credential cannot be read.
    package init(_ options: AdminConnectionOptions, json: Bool, names: OptionNames = [:]) throws(ToolError) {
        self.connection = try AdminConnection(options, names: names)
        self.isJSON = json
    }

    /// The connection of the calls, for tools that make several.
    package var control: AdminConnection { connection }

    /// Shows a list that comes in pages, up to `limit` elements.
    ///
    /// - Parameters:
    ///   - path: the path of the list below the API's.
    ///   - query: the filters.
    ///   - member: the member of the document that holds the elements.
    ///   - columns: titles with the members that are shown.
    ///   - limit: how many elements to show at most, 1 or more.
    package func list(
        _ path: String,
        _ query: AdminQuery,
        member: String,
        columns: [(title: String, member: String)],
        limit: Int
    ) -> ToolResult {
        run { () throws(ToolError) in
            var elements: [JSONValue] = []
            var cursor: String?
            repeat {
                var query = query
                query.add("cursor", cursor)
                guard let page = try connection.call("GET", path + query.text) else { break }
                elements += Self.array(page, member)
                cursor = Self.text(page, "next_cursor")
            } while cursor != nil && elements.count < limit
            elements = Array(elements.prefix(limit))
            if isJSON { return JSONValue.array(elements).text + "\n" }
            var table = TextTable(columns.map(\.title))
            for element in elements { table.add(columns.map { Self.cell(element, $0.member) }) }
            return table.text
        }
    }

    /// Makes a call and shows its document: as JSON, or by `lines`.
    package func call(
        _ method: String,
        _ path: String,
        _ document: JSONValue? = nil,
        lines: (JSONValue) -> String
    ) -> ToolResult {
        run { () throws(ToolError) in
            let answer = try connection.call(method, path, document) ?? .object([])
            return (isJSON ? answer.text : lines(answer)) + "\n"
        }
    }

    /// A member as it stands in a table.
    package static func cell(_ value: JSONValue, _ path: String) -> String {
        var value = value
        for name in path.split(separator: ".") {
            guard case .object(let members) = value else { return "" }
            value = members.first { $0.name == name }?.value ?? .null
        }
        return text(value)
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .number(let number): String(number)
        case .fraction(let number): String(number)
        case .bool(let flag): flag ? "yes" : "no"
        case .array(let values): values.map(text).joined(separator: ",")
        case .object(let members): members.map { "\($0.name)=\(text($0.value))" }.joined(separator: ",")
        case .null: ""
        }
    }

    static func array(_ value: JSONValue, _ member: String) -> [JSONValue] {
        guard case .object(let members) = value,
            case .array(let values)? = members.first(where: { $0.name == member })?.value
        else { return [] }
        return values
    }

    private static func text(_ value: JSONValue, _ member: String) -> String? {
        let text = cell(value, member)
        return text.isEmpty ? nil : text
    }

    func run(_ body: () throws(ToolError) -> String) -> ToolResult {
        do {
            return ToolResult(output: try body())
        } catch {
            return ToolResult(error)
        }
    }
}
