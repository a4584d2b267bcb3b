import CountersignIdentity
import Yams

/// Composes a YAML text with the YAML library and says what it refuses in this project's words and places.
struct YAMLComposer {
    let diagnostics: ConfigurationDiagnostics

    /// Returns the tree of `text`, or nil after reporting why there is none.
    ///
    /// The library stops at the first repeated key. So that the others and all further problems are reported as well,
    /// the earlier of the two is renamed, and the text is composed again.
    func compose(_ text: String) -> ConfigurationNode? {
        var text = text
        var renaming = KeyRenaming()
        while true {
            do {
                // The library refers to anchors weakly: they are seen only while the parser lives. Its own idea of what
                // a scalar means is not asked for: it costs a row of regular expressions for every key.
                let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
                let root = try parser.singleRoot()
                return withExtendedLifetime(parser) { tree(of: root, renaming: renaming) }
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let mark = SourceMark(context.mark)
                guard let renamed = renaming.rename(oneOf: keys, at: mark, in: text) else {
                    reportDuplicate(keys, at: renaming.original(mark))
                    return nil
                }
                text = renamed
            } catch let error as YamlError {
                report(error, renaming: renaming)
                return nil
            } catch {
                diagnostics.error("the file cannot be read as YAML", at: .wholeFile(diagnostics.file))
                return nil
            }
        }
    }

    private func tree(of root: Node?, renaming: KeyRenaming) -> ConfigurationNode? {
        guard let root else {
            diagnostics.error("the file is empty", at: .wholeFile(diagnostics.file))
            return nil
        }
        return YAMLTree(diagnostics: diagnostics, renaming: renaming).node(from: root, path: "", depth: 0)
    }

    private func reportDuplicate(_ keys: [String], at mark: SourceMark) {
        let names = keys.sorted().prefix(5).map { IdentityError.excerpt(of: $0) }.joined(separator: ", ")
        diagnostics.error("the same mapping has \(names) more than once", at: mark.place())
    }

    private func report(_ error: YamlError, renaming: KeyRenaming) {
        switch error {
        case .scanner(let context, let problem, let mark, let yaml),
            .parser(let context, let problem, let mark, let yaml):
            let hint = Self.hasVariable(yaml, line: mark.line) ? Self.variableHint : ""
            diagnostics.error(
                "YAML: \(Self.text(problem, at: mark, context, renaming))\(hint)",
                at: place(mark, renaming)
            )
        case .composer(_, let problem, let mark, _) where problem.contains("another document"):
            diagnostics.error("one document is expected, and another one starts here", at: place(mark, renaming))
        case .composer(_, let problem, let mark, _) where problem.contains("alias"):
            diagnostics.error(YAMLTree.referenceMessage, at: place(mark, renaming))
        case .composer(let context, let problem, let mark, _):
            diagnostics.error("YAML: \(Self.text(problem, at: mark, context, renaming))", at: place(mark, renaming))
        case .reader(let problem, let offset, _, let yaml):
            let mark = offset.map { Self.mark(atCharacter: $0, of: yaml) }
            diagnostics.error(
                "YAML: \(problem)",
                at: mark.map { renaming.original($0).place() } ?? .wholeFile(diagnostics.file)
            )
        default:
            diagnostics.error("the file cannot be read as YAML", at: .wholeFile(diagnostics.file))
        }
    }

    private func place(_ mark: Mark, _ renaming: KeyRenaming) -> ConfigurationPlace {
        renaming.original(SourceMark(mark)).place()
    }

    /// The library's words, with the place where what it was reading began.
    private static func text(
        _ problem: String,
        at mark: Mark,
        _ context: YamlError.Context?,
        _ renaming: KeyRenaming
    ) -> String {
        guard let context, !context.text.isEmpty else { return problem }
        let start = renaming.original(SourceMark(context.mark))
        let isElsewhere = start != renaming.original(SourceMark(mark))
        return "\(problem) \(context.text)" + (isElsewhere ? " that starts at \(start.line):\(start.column)" : "")
    }

    /// Whether a line, counted from 1, has a `${` that could be what YAML stumbles over.
    private static func hasVariable(_ yaml: String, line: Int) -> Bool {
        let lines = yaml.split(separator: "\n", maxSplits: max(1, line), omittingEmptySubsequences: false)
        return lines.indices.contains(line - 1) && lines[line - 1].contains("${")
    }

    private static let variableHint =
        "; a value with ${NAME} has to stand in quotes between { } and [ ], as in \"${NAME}\""

    private static func mark(atCharacter offset: Int, of yaml: String) -> SourceMark {
        let before = yaml.prefix(offset)
        let lines = before.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return SourceMark(line: max(1, lines.count), column: (lines.last?.unicodeScalars.count ?? 0) + 1)
    }
}
