import CountersignControlModel
import CountersignHTTPServer
import CountersignJSON

/// A page of a list: one by its number, or one that begins after an element.
struct V3Page<Element> {
    /// The elements of the page.
    let elements: ArraySlice<Element>
    private let total: Int
    private let number: Int
    private let size: Int
    /// What the next page begins after; nil where pages have numbers, empty for the last page.
    private let cursor: String?

    /// Cuts the page that a query asks for.
    ///
    /// - Parameters:
    ///   - all: the whole list in the order that the query asks for.
    ///   - query: the query.
    ///   - header: where an element has its place in the order from.
    /// - Throws: ``ControlError`` for parameters that are no page.
    init(of all: [Element], _ query: V3Query, _ header: (Element) -> RecordHeader) throws(ControlError) {
        size = try query.pageSize()
        number = try query.page()
        total = all.count
        guard let after = try query.after() else {
            let start = min((number - 1).multipliedReportingOverflow(by: size).partialValue, all.count)
            elements = all[start..<min(start + size, all.count)]
            cursor = nil
            return
        }
        var (low, high) = (0, all.count)
        while low < high {
            let middle = (low + high) / 2
            if after.isBefore(header(all[middle])) { high = middle } else { low = middle + 1 }
        }
        elements = all[low..<min(low + size, all.count)]
        cursor = elements.endIndex < all.count ? elements.last.map { V3Cursor(header($0)).text } ?? "" : ""
    }

    /// The page as a document.
    ///
    /// - Parameters:
    ///   - request: the call, whose other parameters the links repeat.
    ///   - included: related records.
    ///   - element: shows an element.
    func document(
        _ request: ServerRequest,
        included: JSONValue? = nil,
        _ element: (Element) -> JSONValue
    ) -> JSONValue {
        let last = max(1, (total + size - 1) / size)
        var members: [JSONValue.Member] = [
            .init(
                "pagination",
                .object([
                    .init("total_results", .number(Int64(total))), .init("total_pages", .number(Int64(last))),
                    .init("first", link(request, 1)), .init("last", link(request, last)),
                    .init("next", next(request, last)),
                    .init("previous", cursor == nil && number > 1 ? link(request, min(number - 1, last)) : .null),
                ])
            ),
            .init("resources", .array(elements.map(element))),
        ]
        if let included { members.append(.init("included", included)) }
        return .object(members)
    }

    private func next(_ request: ServerRequest, _ last: Int) -> JSONValue {
        if let cursor { return cursor.isEmpty ? .null : link(request, "after=\(cursor)") }
        return number < last ? link(request, number + 1) : .null
    }

    private func link(_ request: ServerRequest, _ page: Int) -> JSONValue { link(request, "page=\(page)") }

    private func link(_ request: ServerRequest, _ place: String) -> JSONValue {
        var parameters = request.query.split(separator: "&").map(String.init)
            .filter { part in !["page=", "per_page=", "after="].contains { part.hasPrefix($0) } }
        parameters += [place, "per_page=\(size)"]
        return V3Answer.link(request, "\(request.path)?\(parameters.joined(separator: "&"))")
    }
}
