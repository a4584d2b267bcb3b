import CountersignControlModel
import CountersignHTTPServer
import CountersignJSON

/// A page of a list.
struct V3Page<Element> {
    /// The elements of the page.
    let elements: ArraySlice<Element>
    private let total: Int
    private let number: Int
    private let size: Int

    /// Cuts the page that a query asks for.
    ///
    /// - Throws: ``ControlError`` for parameters that are no page.
    init(of all: [Element], _ query: V3Query) throws(ControlError) {
        self.number = try query.page()
        self.size = try query.pageSize()
        self.total = all.count
        let start = min((number - 1).multipliedReportingOverflow(by: size).partialValue, all.count)
        self.elements = all[start..<min(start + size, all.count)]
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
                    .init("next", number < last ? link(request, number + 1) : .null),
                    .init("previous", number > 1 ? link(request, min(number - 1, last)) : .null),
                ])
            ),
            .init("resources", .array(elements.map(element))),
        ]
        if let included { members.append(.init("included", included)) }
        return .object(members)
    }

    private func link(_ request: ServerRequest, _ page: Int) -> JSONValue {
        var parameters = request.query.split(separator: "&").map(String.init)
            .filter { !$0.hasPrefix("page=") && !$0.hasPrefix("per_page=") }
        parameters += ["page=\(page)", "per_page=\(size)"]
        return V3Answer.link(request, "\(request.path)?\(parameters.joined(separator: "&"))")
    }
}

extension Sequence {
    /// The elements in the order that a query asks for; those of one second in the order in which they were made.
    func ordered(
        by query: V3Query,
        _ header: (Element) -> RecordHeader
    ) throws(ControlError) -> [Element] {
        let (name, isDown) = try query.order()
        let sorted = self.sorted { left, right in
            let (left, right) = (header(left), header(right))
            let times =
                name == "updated_at" ? (left.updatedAt, right.updatedAt) : (left.createdAt, right.createdAt)
            if times.0 != times.1 { return times.0 < times.1 }
            return left.order != right.order ? left.order < right.order : left.guid < right.guid
        }
        return isDown ? sorted.reversed() : sorted
    }
}
