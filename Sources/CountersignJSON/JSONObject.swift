/// The members of an object that is read by name, each with its type, with the place for errors.
package struct JSONObject: Sendable {
    private let members: [String: JSONValue]
    private let place: String
    private let allowsNull: Bool

    /// Takes an object, none of whose members may be unknown.
    ///
    /// - Parameters:
    ///   - value: The value to take apart.
    ///   - place: Where it stands, as `$`.
    ///   - known: Every member name that has a meaning; nil lets any pass, for formats whose clients send more.
    ///   - allowsNull: Whether null stands for a member that is absent; else it is a value of the wrong type.
    /// - Throws: ``JSONError`` when it is no object, or has a member of another name.
    package init(
        _ value: JSONValue,
        at place: String = "$",
        known: [String]?,
        allowsNull: Bool = true
    ) throws(JSONError) {
        guard case .object(let members) = value else { throw JSONError(at: place, "an object is expected") }
        self.place = place
        self.allowsNull = allowsNull
        self.members = Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
        guard let known else { return }
        for member in members where !known.contains(member.name) {
            throw JSONError(
                at: "\(place).\(member.name.prefix(64))",
                "there is no such member; known are \(known.joined(separator: ", "))"
            )
        }
    }

    /// The member of that name; nil when it is absent, or null where that means the same.
    package subscript(_ name: String) -> JSONValue? {
        guard let value = members[name], value != .null || !allowsNull else { return nil }
        return value
    }

    /// A string; nil when it is absent or null.
    package func string(_ name: String) throws(JSONError) -> String? {
        guard let value = self[name] else { return nil }
        guard case .string(let text) = value else { throw wrong(name, "a string") }
        return text
    }

    /// A string that has to be there and not empty.
    package func requiredString(_ name: String) throws(JSONError) -> String {
        guard let text = try string(name), !text.isEmpty else {
            throw JSONError(at: "\(place).\(name)", "a string is required")
        }
        return text
    }

    /// A whole number, `5.0` and `5e0` as well as `5`; nil when it is absent or null.
    package func integer(_ name: String) throws(JSONError) -> Int64? {
        guard let value = self[name] else { return nil }
        switch value {
        case .number(let number): return number
        case .fraction(let fraction):
            guard let number = Int64(exactly: fraction) else { throw wrong(name, "a whole number") }
            return number
        default: throw wrong(name, "a whole number")
        }
    }

    /// True or false; nil when it is absent or null.
    package func bool(_ name: String) throws(JSONError) -> Bool? {
        guard let value = self[name] else { return nil }
        guard case .bool(let flag) = value else { throw wrong(name, "true or false") }
        return flag
    }

    /// An array of strings; nil when it is absent or null.
    package func strings(_ name: String, atMost limit: Int = 1000) throws(JSONError) -> [String]? {
        guard let value = self[name] else { return nil }
        guard case .array(let values) = value, values.count <= limit else {
            throw wrong(name, "an array of at most \(limit) strings")
        }
        var texts: [String] = []
        for element in values {
            guard case .string(let text) = element else { throw wrong(name, "an array of strings") }
            texts.append(text)
        }
        return texts
    }

    /// An object of strings; nil when it is absent or null.
    package func stringMap(_ name: String, atMost limit: Int = 100) throws(JSONError) -> [String: String]? {
        guard let value = self[name] else { return nil }
        guard case .object(let members) = value, members.count <= limit else {
            throw wrong(name, "an object of at most \(limit) strings")
        }
        var map: [String: String] = [:]
        for member in members {
            guard case .string(let text) = member.value else { throw wrong(name, "an object of strings") }
            map[member.name] = text
        }
        return map
    }

    /// An object; nil when it is absent or null.
    package func object(_ name: String, known: [String]?) throws(JSONError) -> JSONObject? {
        guard let value = self[name] else { return nil }
        return try JSONObject(value, at: "\(place).\(name)", known: known, allowsNull: allowsNull)
    }

    /// The objects of an array; nil when it is absent or null.
    package func objects(
        _ name: String,
        known: [String]?,
        atMost limit: Int = 1000
    ) throws(JSONError) -> [JSONObject]? {
        guard let value = self[name] else { return nil }
        guard case .array(let values) = value, values.count <= limit else {
            throw wrong(name, "an array of at most \(limit) objects")
        }
        var objects: [JSONObject] = []
        for (index, element) in values.enumerated() {
            objects.append(
                try JSONObject(element, at: "\(place).\(name)[\(index)]", known: known, allowsNull: allowsNull)
            )
        }
        return objects
    }

    /// An error about a member.
    package func wrong(_ name: String, _ expected: String) -> JSONError {
        JSONError(at: "\(place).\(name)", "expected \(expected)")
    }
}
