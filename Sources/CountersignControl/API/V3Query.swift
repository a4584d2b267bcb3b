import CountersignControlModel
import CountersignHTTPServer

/// The query of a call, none of whose parameters may be unknown or given twice.
struct V3Query {
    /// The most elements of a page.
    static let maximumPageSize = 5000
    /// The elements of a page unless told otherwise.
    static let defaultPageSize = 50

    /// The parameters that every list has.
    static let paging = ["page", "per_page", "order_by", "after"]

    private let values: [String: String]

    /// Reads the query.
    ///
    /// - Throws: ``ControlError`` that names the parameter.
    init(_ request: ServerRequest, known: [String]) throws(ControlError) {
        var values: [String: String] = [:]
        for (name, value) in request.queryParameters {
            guard known.contains(name) else {
                let valid = known.map { "'\($0)'" }.joined(separator: ", ")
                throw .badQuery(
                    known.isEmpty
                        ? "The query parameter is invalid: this call has none"
                        : "The query parameter is invalid: Unknown query parameter(s): '\(name.prefix(64))'. "
                            + "Valid parameters are: \(valid)"
                )
            }
            guard values[name] == nil else {
                throw .badQuery("The query parameter is invalid: '\(name)' is given twice; separate values by commas")
            }
            guard let value else {
                throw .badQuery("The query parameter is invalid: '\(name)' is no well-formed percent-encoding of UTF-8")
            }
            values[name] = value
        }
        self.values = values
    }

    /// The values of a filter, separated by commas; nil when it is absent.
    func list(_ name: String) -> Set<String>? {
        values[name].map { Set($0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)) }
    }

    /// Yes or no; nil when it is absent.
    func flag(_ name: String) throws(ControlError) -> Bool? {
        guard let text = values[name] else { return nil }
        guard let flag = Bool(text) else {
            throw .badQuery("The query parameter is invalid: '\(name)' has to be true or false")
        }
        return flag
    }

    /// The number of the page, from 1.
    func page() throws(ControlError) -> Int { try number("page", default: 1, atMost: Int(Int32.max)) }

    /// How many elements a page has.
    func pageSize() throws(ControlError) -> Int {
        try number("per_page", default: Self.defaultPageSize, atMost: Self.maximumPageSize)
    }

    /// What the list is ordered by, and whether from the last to the first.
    func order(_ allowed: [String] = ["created_at", "updated_at"]) throws(ControlError) -> (by: String, isDown: Bool) {
        guard let text = values["order_by"] else { return (allowed.first ?? "created_at", false) }
        let name = text.hasPrefix("-") || text.hasPrefix("+") ? String(text.dropFirst()) : text
        guard allowed.contains(name) else {
            let valid = allowed.map { "'\($0)'" }.joined(separator: ", ")
            throw .badQuery("The query parameter is invalid: Order by can only be: \(valid), with '-' in front or not")
        }
        return (name, text.hasPrefix("-"))
    }

    /// The kinds of related records to add.
    func include(_ allowed: [String]) throws(ControlError) -> Set<String> {
        let wanted = values["include"] == "" ? [] : list("include") ?? []
        guard let unknown = wanted.subtracting(allowed).min() else { return wanted }
        let valid = allowed.map { "'\($0)'" }.joined(separator: ", ")
        throw .badQuery(
            "The query parameter is invalid: Invalid included resource: '\(unknown.prefix(64))'. Valid included resources "
                + "are: \(valid)"
        )
    }

    /// The place that a page of a list begins after; nil where pages have numbers.
    func after() throws(ControlError) -> V3Cursor? {
        guard let text = values["after"] else { return nil }
        guard values["page"] == nil, values["order_by"] == nil || values["order_by"] == "created_at" else {
            throw .badQuery("The query parameter is invalid: 'after' excludes 'page', and any order but created_at")
        }
        guard let cursor = text.isEmpty ? V3Cursor.start : V3Cursor(text) else {
            throw .badQuery("The query parameter is invalid: 'after' has to be empty, or that of a page's next link")
        }
        return cursor
    }

    /// The labels that are asked for; nil when there are none.
    func labelSelector() throws(ControlError) -> LabelSelector? {
        guard let text = values["label_selector"] else { return nil }
        do throws(LabelSelector.Fault) {
            return try LabelSelector(parsing: text)
        } catch {
            throw .badQuery("The query parameter is invalid: Invalid label_selector value: \(error.message)")
        }
    }

    /// Whether there is none of these.
    func hasNone(of names: [String]) -> Bool { names.allSatisfy { values[$0] == nil } }

    /// Where a page of the audit trail begins; nil for the newest line.
    func cursor() throws(ControlError) -> Int64? {
        guard let text = values["cursor"] else { return nil }
        guard let cursor = Int64(text), cursor >= 0 else {
            throw .badQuery("The query parameter is invalid: 'cursor' has to be the next_cursor of the page before")
        }
        return cursor
    }

    /// A number from 1.
    func number(_ name: String, default standard: Int, atMost limit: Int) throws(ControlError) -> Int {
        guard let text = values[name] else { return standard }
        guard let number = Int(text), (1...limit).contains(number) else {
            throw .badQuery("The query parameter is invalid: '\(name)' has to be a number from 1 to \(limit)")
        }
        return number
    }
}
