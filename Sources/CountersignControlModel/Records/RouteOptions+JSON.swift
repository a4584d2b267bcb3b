package import CountersignJSON
package import CountersignPolicy

extension RouteOptions {
    /// Reads a flat object of texts, numbers and booleans.
    ///
    /// - Throws: `JSONError` that names the option that is something else.
    package init(reading value: JSONValue, at place: String) throws(JSONError) {
        guard case .object(let members) = value else { throw JSONError(at: place, "an object is expected") }
        var elements: [RouteOptions.Element] = []
        for member in members {
            elements.append(RouteOptions.Element(member.name, try Self.value(member, at: place)))
        }
        do throws(PolicyError) {
            try self.init(elements)
        } catch {
            throw JSONError(at: place, error.message)
        }
    }

    /// The options as a document.
    package var document: JSONValue {
        .object(
            elements.map { element in
                let value: JSONValue =
                    switch element.value {
                    case .string(let text): .string(text)
                    case .integer(let number): .number(Int64(number))
                    case .number(let number): .fraction(number)
                    case .boolean(let flag): .bool(flag)
                    }
                return .init(element.name, value)
            }
        )
    }

    private static func value(_ member: JSONValue.Member, at place: String) throws(JSONError) -> RouteOptionValue {
        switch member.value {
        case .string(let text): return .string(text)
        case .number(let number): return .integer(Int(number))
        case .fraction(let number): return .number(number)
        case .bool(let flag): return .boolean(flag)
        case .null, .array, .object:
            throw JSONError(
                at: "\(place).\(member.name.prefix(64))",
                "a route option is a string, a number or a boolean, not nested and not null"
            )
        }
    }
}
