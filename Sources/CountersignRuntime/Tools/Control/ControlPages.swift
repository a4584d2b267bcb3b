import CountersignJSON

/// A list of the API, read page by page.
///
/// Each page begins after the last element of the one before it, so that nothing is left out or there twice when others
/// make and remove records meanwhile.
struct ControlPages {
    private let path: String
    private let connection: AdminConnection

    /// A list by its path, with filters behind `?` where there are any.
    init(_ path: String, _ connection: AdminConnection) {
        self.path = path
        self.connection = connection
    }

    /// Takes every element in the order in which they were made.
    ///
    /// - Throws: ``ToolError``.
    func read(_ body: (JSONObject) throws(JSONError) -> Void) throws(ToolError) {
        var after: String? = ""
        while let cursor = after {
            let query = "per_page=\(Self.size)&after=\(AdminQuery.encoded(cursor))"
            let answer = try connection.call("GET", "\(path)\(path.contains("?") ? "&" : "?")\(query)") ?? .object([])
            after = try ControlInventory.reading { () throws(JSONError) in
                let object = try JSONObject(answer, known: nil)
                for element in try object.objects("resources", known: nil, atMost: Self.size) ?? [] {
                    try body(element)
                }
                return try Self.cursor(in: try object.object("pagination", known: nil))
            }
        }
    }

    /// Every element as the API shows it.
    ///
    /// - Throws: ``ToolError``.
    func documents() throws(ToolError) -> [JSONValue] {
        var found: [JSONValue] = []
        var after: String? = ""
        while let cursor = after {
            let query = "per_page=\(Self.size)&after=\(AdminQuery.encoded(cursor))"
            let answer = try connection.call("GET", "\(path)\(path.contains("?") ? "&" : "?")\(query)") ?? .object([])
            found += AdminTool.array(answer, "resources")
            after = try ControlInventory.reading { () throws(JSONError) in
                try Self.cursor(in: try JSONObject(answer, known: nil).object("pagination", known: nil))
            }
        }
        return found
    }

    /// Where the next page begins; nil when there is none.
    private static func cursor(in pagination: JSONObject?) throws(JSONError) -> String? {
        guard let href = try pagination?.object("next", known: nil)?.string("href") else { return nil }
        guard let mark = href.firstRange(of: "after=") else {
            throw JSONError(at: "$.pagination.next", "a cursor is expected")
        }
        return String(href[mark.upperBound...].prefix { $0 != "&" })
    }

    private static let size = 5000
}
