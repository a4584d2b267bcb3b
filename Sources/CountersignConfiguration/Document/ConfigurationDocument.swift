/// A configuration file as a tree of values that know their places.
///
/// The text is one YAML document whose root is a mapping. It is bounded: at most ``maximumBytes`` long and
/// ``maximumDepth`` deep, without anchors, aliases and tags. Keys are text and stand once.
package struct ConfigurationDocument: Sendable {
    /// The root, a mapping.
    package let root: ConfigurationNode

    /// The longest text that is read, in bytes.
    package static let maximumBytes = 4 * 1024 * 1024

    /// How deep mappings and lists may nest.
    package static let maximumDepth = 64

    /// Reads `text`; what is wrong goes to `diagnostics`, and nil is returned when no tree can be made at all.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - diagnostics: takes what is wrong.
    ///   - expected: what the root has to hold, in words that complete "expected …".
    package init?(
        text: String,
        diagnostics: ConfigurationDiagnostics,
        expecting expected: String = "sections such as \"router:\""
    ) {
        guard text.utf8.count <= Self.maximumBytes else {
            diagnostics.error("the file is longer than \(Self.maximumBytes) bytes", at: .wholeFile(diagnostics.file))
            return nil
        }
        if let finding = YAMLReferenceGuard.excess(in: text) {
            diagnostics.error(YAMLTree.referenceMessage, at: finding.place())
            return nil
        }
        guard let tree = YAMLComposer(diagnostics: diagnostics).compose(text) else { return nil }
        guard case .mapping = tree.content else {
            let place = SourceMark(line: tree.line, column: tree.column).place()
            diagnostics.error("expected \(expected), found \(tree.kindInWords)", at: place)
            return nil
        }
        root = tree
    }

    /// Whether the root has the key `key`.
    func has(_ key: String) -> Bool {
        guard case .mapping(let entries) = root.content else { return false }
        return entries.contains { $0.key == key }
    }
}
