import Yams

/// Turns the YAML library's tree into ours and refuses what configuration files do without.
struct YAMLTree {
    let diagnostics: ConfigurationDiagnostics
    let renaming: KeyRenaming

    static let referenceMessage =
        "anchors and aliases (&name, *name) are not supported; write the value where it is needed"

    /// Returns our form of `node`; what is refused is reported and becomes a refused value.
    func node(from node: Node, path: String, depth: Int) -> ConfigurationNode {
        let mark = renaming.original(SourceMark(node.mark))
        let place = mark.place(path)
        // Not descending into an anchored value keeps the walk linear: an alias is a copy of one.
        guard node.anchor == nil else {
            diagnostics.error(Self.referenceMessage, at: place)
            return ConfigurationNode(content: .refused, line: mark.line, column: mark.column)
        }
        guard depth <= ConfigurationDocument.maximumDepth else {
            diagnostics.error("values nest deeper than \(ConfigurationDocument.maximumDepth) levels", at: place)
            return ConfigurationNode(content: .refused, line: mark.line, column: mark.column)
        }
        let content = content(of: node, at: place, depth: depth)
        return ConfigurationNode(content: content, line: mark.line, column: mark.column)
    }

    private func content(of node: Node, at place: ConfigurationPlace, depth: Int) -> ConfigurationNode.Content {
        switch node {
        case .scalar(let scalar):
            guard accepts(scalar.tag, at: place) else { return .refused }
            let isPlain = (scalar.style == .plain || scalar.style == .any) && scalar.tag.rawValue.isEmpty
            return .scalar(.init(text: scalar.string, isPlain: isPlain))
        case .sequence(let sequence):
            guard accepts(sequence.tag, at: place) else { return .refused }
            let children = sequence.enumerated().map { index, child in
                self.node(from: child, path: "\(place.path)[\(index)]", depth: depth + 1)
            }
            return .sequence(children)
        case .mapping(let mapping):
            guard accepts(mapping.tag, at: place) else { return .refused }
            return .mapping(entries(of: mapping, at: place, depth: depth))
        case .alias:
            diagnostics.error(Self.referenceMessage, at: place)
            return .refused
        }
    }

    private func entries(
        of mapping: Node.Mapping,
        at place: ConfigurationPlace,
        depth: Int
    ) -> [ConfigurationNode.Entry] {
        var entries: [ConfigurationNode.Entry] = []
        var firstLines: [String: Int] = [:]
        for (keyNode, valueNode) in mapping {
            let mark = renaming.original(SourceMark(keyNode.mark))
            guard case .scalar(let scalar) = keyNode, keyNode.anchor == nil else {
                let keyPlace = mark.place(place.path)
                diagnostics.error("a key must be plain text", at: keyPlace)
                continue
            }
            let key = KeyRenaming.originalName(of: scalar.string) ?? scalar.string
            let path = ConfigurationPlace.path(place.path, key)
            if let line = firstLines[key] {
                let keyPlace = mark.place(path)
                diagnostics.error("the key is already given in line \(line)", at: keyPlace)
                continue
            }
            firstLines[key] = mark.line
            let value = node(from: valueNode, path: path, depth: depth + 1)
            entries.append(.init(key: key, line: mark.line, column: mark.column, value: value))
        }
        return entries
    }

    private func accepts(_ tag: Tag, at place: ConfigurationPlace) -> Bool {
        switch tag.rawValue {
        case "", "!", Tag.Name.str.rawValue, Tag.Name.seq.rawValue, Tag.Name.map.rawValue:
            return true
        default:
            diagnostics.error("YAML tags are not supported; write the value without \"!\"", at: place)
            return false
        }
    }
}
