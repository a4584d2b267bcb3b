import CountersignHTTPServer
import CountersignJSON
import CountersignPKI

/// The query of a call, none of whose parameters may be unknown.
struct QueryParameters {
    private let values: [String: String]

    /// - Throws: ``JSONError`` that names an unknown or repeated parameter.
    init(_ request: ServerRequest, known: [String]) throws(JSONError) {
        var values: [String: String] = [:]
        for (name, value) in request.queryParameters {
            guard known.contains(name) else {
                throw JSONError(
                    at: "query parameter \(name.prefix(64))",
                    known.isEmpty
                        ? "this call has no parameters"
                        : "there is no such parameter; known are \(known.joined(separator: ", "))"
                )
            }
            guard values[name] == nil else { throw JSONError(at: "query parameter \(name)", "is given twice") }
            guard let value else {
                throw JSONError(at: "query parameter \(name)", "is not well-formed percent-encoding of UTF-8")
            }
            values[name] = value
        }
        self.values = values
    }

    /// A text of at most so many characters.
    func text(_ name: String, atMost limit: Int) throws(JSONError) -> String? {
        guard let text = values[name] else { return nil }
        guard text.unicodeScalars.count <= limit else {
            throw JSONError(at: "query parameter \(name)", "expected at most \(limit) characters")
        }
        return text
    }

    /// The page size: 1 to 1000, by default 100.
    func limit() throws(JSONError) -> Int {
        guard let text = values["limit"] else { return 100 }
        guard let limit = Int(text), (1...1000).contains(limit) else {
            throw JSONError(at: "query parameter limit", "expected a number from 1 to 1000")
        }
        return limit
    }

    /// Where the page begins.
    func cursor() throws(JSONError) -> Int64? {
        guard let text = values["cursor"] else { return nil }
        guard let cursor = Int64(text), cursor >= 0 else {
            throw JSONError(at: "query parameter cursor", "expected the next_cursor of the page before")
        }
        return cursor
    }

    /// One of the names of a choice.
    func choice<Choice: RawRepresentable & CaseIterable>(_ name: String) throws(JSONError) -> Choice?
    where Choice.RawValue == String {
        guard let text = values[name] else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw JSONError(at: "query parameter \(name)", "expected one of \(known)")
        }
        return choice
    }

    /// Yes or no.
    func flag(_ name: String) throws(JSONError) -> Bool? {
        guard let text = values[name] else { return nil }
        guard let flag = Bool(text) else { throw JSONError(at: "query parameter \(name)", "expected true or false") }
        return flag
    }

    /// A moment in RFC 3339, in Unix seconds.
    func time(_ name: String) throws(JSONError) -> Int64? {
        guard let text = values[name] else { return nil }
        guard let time = CalendarTime.unixSeconds(rfc3339: text) else {
            throw JSONError(at: "query parameter \(name)", "expected a time in RFC 3339, as 2030-01-31T12:00:00Z")
        }
        return time
    }
}
