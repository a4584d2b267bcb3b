import CountersignIdentity
import CountersignPolicy
import CountersignRouting

extension ValueReader {
    /// Returns the value that `parse` makes of the text.
    func parsed<Value, Failure: Error>(
        _ expected: String,
        _ parse: (String) throws(Failure) -> Value
    ) -> Value? {
        guard let text = text(expected) else { return nil }
        do {
            return try parse(text)
        } catch {
            fail(Self.message(of: error, expected: expected))
            return nil
        }
    }

    /// Returns the values of a list.
    func list(of expected: String, atMost maximum: Int = 100_000) -> [ValueReader]? {
        guard case .sequence(let nodes) = node.content else {
            if case .refused = node.content { return nil }
            fail("expected a list of \(expected), found \(node.kindInWords)")
            return nil
        }
        guard nodes.count <= maximum else {
            fail("expected at most \(maximum) \(expected), found \(nodes.count)")
            return nil
        }
        return nodes.enumerated().map { index, node in child(node, "\(place.path)[\(index)]") }
    }

    /// Returns the values of a list, or the value itself as the only one when it is no list.
    func listOrSingle(of expected: String, atMost maximum: Int = 1000) -> [ValueReader]? {
        if case .scalar = node.content { return [self] }
        return list(of: expected, atMost: maximum)
    }

    /// Returns the parts of a text between commas, or the values of a list; blanks around a part are dropped.
    func commaSeparated(of expected: String) -> [String]? {
        guard case .scalar = node.content, !node.isNull else {
            return list(of: expected)?.compactMap { $0.text() }
        }
        return text("a list of \(expected)", mayBeEmpty: true)?
            .split(separator: ",")
            .map(Self.trimmed)
            .filter { !$0.isEmpty }
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop { $0 == " " }
        while text.last == " " {
            text.removeLast()
        }
        return String(text)
    }

    /// Returns the keys and values of a mapping whose keys the operator chooses.
    func entries(of expected: String) -> [(key: String, keyPlace: ConfigurationPlace, value: ValueReader)]? {
        guard case .mapping(let entries) = node.content else {
            if case .refused = node.content { return nil }
            fail("expected \(expected), found \(node.kindInWords)")
            return nil
        }
        return entries.map { entry in
            let path = ConfigurationPlace.path(place.path, entry.key)
            let keyPlace = self.place.moved(line: entry.line, column: entry.column, path: path)
            return (entry.key, keyPlace, child(entry.value, path))
        }
    }

    /// Returns what `read` makes of a mapping; keys that it does not ask for are reported.
    func mapping<Value>(_ expected: String, _ read: (MappingReader) -> Value?) -> Value? {
        guard case .mapping(let entries) = node.content else {
            if case .refused = node.content { return nil }
            fail("expected \(expected), found \(node.kindInWords)")
            return nil
        }
        let reader = MappingReader(entries: entries, place: place, context: context)
        let value = read(reader)
        reader.reportUnknownKeys()
        return value
    }

    /// Returns where the value of a mapping's key stands; where the mapping does, when it has no such key.
    func place(of key: String) -> ConfigurationPlace {
        let path = ConfigurationPlace.path(place.path, key)
        guard case .mapping(let entries) = node.content, let value = entries.first(where: { $0.key == key })?.value
        else {
            return place.moved(line: place.line, column: place.column, path: path)
        }
        return place.moved(line: value.line, column: value.column, path: path)
    }

    private func child(_ node: ConfigurationNode, _ path: String) -> ValueReader {
        let place = self.place.moved(line: node.line, column: node.column, path: path)
        return ValueReader(node: node, place: place, context: context)
    }

    /// The message of a parser's error; those of unknown types could hold anything, and are not repeated.
    private static func message(of error: any Error, expected: String) -> String {
        switch error {
        case let error as IdentityError: error.message
        case let error as RoutingError: error.message
        case let error as PolicyError: error.message
        case let error as ConfigurationValueError: error.message
        default: "expected \(expected)"
        }
    }
}
