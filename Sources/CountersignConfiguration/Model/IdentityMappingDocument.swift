import CountersignIdentity
package import CountersignIdentityMapping

/// A file with the rules from certificates to ARNs, and what is wrong with it.
package struct IdentityMappingDocument: Sendable {
    /// The rules; nil when anything refuses the file.
    package let mapping: IdentityMapping?
    /// Everything that is wrong, in the order of the file, at lines and columns of it.
    package let problems: [ConfigurationProblem]
    /// What the operator should know of rules that can be used.
    package let warnings: [ConfigurationProblem]

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - environment: the value of an environment variable, for `${NAME}` in texts.
    ///   - fileReader: reads the file.
    package init(
        path: String,
        environment: @escaping @Sendable (String) -> String? = { _ in nil },
        fileReader: any ConfigurationFileReader = SystemFileReader()
    ) {
        let diagnostics = ConfigurationDiagnostics(file: path)
        var mapping: IdentityMapping?
        do {
            let contents = try fileReader.read(path, maximumBytes: ConfigurationDocument.maximumBytes)
            if let text = String(validating: contents.bytes, as: UTF8.self) {
                mapping = Self.read(text, diagnostics, environment)
            } else {
                diagnostics.error("the file is not UTF-8 text", at: .wholeFile(path))
            }
        } catch {
            diagnostics.error("the file \(error)", at: .wholeFile(path))
        }
        self.problems = diagnostics.errors
        self.warnings = diagnostics.warnings
        self.mapping = diagnostics.hasErrors ? nil : mapping
    }

    /// Reads the root.
    ///
    /// ## Configuration keys
    /// - `rules` (list of mappings, required): in their order; see `docs/identity-mapping.md`
    private static func read(
        _ text: String,
        _ diagnostics: ConfigurationDiagnostics,
        _ environment: @escaping @Sendable (String) -> String?
    ) -> IdentityMapping? {
        let document = ConfigurationDocument(text: text, diagnostics: diagnostics, expecting: "the key \"rules:\"")
        guard let document else { return nil }
        let context = ReadingContext(diagnostics: diagnostics, directory: "", environment: environment)
        let place = SourceMark(line: document.root.line, column: document.root.column).place(file: diagnostics.file)
        let root = ValueReader(node: document.root, place: place, context: context)
        return root.mapping("the key \"rules:\"") { reader in
            let rules = reader.required("rules", "the rules from certificates to ARNs")?
                .list(of: "rules", atMost: IdentityMapping.maximumRules)
            if let rules, rules.isEmpty { diagnostics.error("there is no rule, so that nobody is anybody", at: place) }
            let mapping = IdentityMapping(rules: rules?.enumerated().compactMap(Self.rule) ?? [])
            if let rules, !diagnostics.hasErrors { warn(of: mapping, rules) }
            return mapping
        }
    }

    /// Says which rules can give two callers one name.
    private static func warn(of mapping: IdentityMapping, _ rules: [ValueReader]) {
        for (earlier, later) in mapping.overlaps {
            let value = rules[later]
            value.context.diagnostics.warning(
                "the ARN can be the same as that of the rule \"\(mapping.rules[earlier].name)\", so that callers of both rules "
                    + "can have one name; let the two differ in a part without captures",
                at: value.place
            )
        }
    }

    private static func rule(_ index: Int, _ value: ValueReader) -> IdentityRule? {
        value.mapping("a rule with arn and conditions") { reader -> IdentityRule? in
            let name = reader.value("name")?.text() ?? "rule \(index + 1)"
            let conditions = [
                reader.value("spiffe_id")?.pattern(.spiffeID).map(IdentityRule.Condition.spiffeID),
                reader.value("dns")?.pattern(.dnsName).map(IdentityRule.Condition.dnsName),
                reader.value("subject")?.attributes().map(IdentityRule.Condition.subject),
                reader.value("issuer")?.attributes().map(IdentityRule.Condition.issuer),
                reader.value("thumbprint")?.thumbprints().map(IdentityRule.Condition.thumbprint),
            ]
            let template = reader.required("arn", "the name that the holder of the certificate has")?
                .mappingValue(ARNTemplate.init(parsing:))
            // A condition that could not be read has been reported, and must not count as one that is not asked for.
            guard let template, !reader.context.diagnostics.hasErrors, !reader.hasUnknownKeys else { return nil }
            do throws(MappingError) {
                return try IdentityRule(name: name, conditions: conditions.compactMap(\.self), template: template)
            } catch {
                value.fail(error.message)
                return nil
            }
        }
    }
}

extension ValueReader {
    /// Returns what `parse` makes of the text.
    fileprivate func mappingValue<Value>(_ parse: (String) throws(MappingError) -> Value) -> Value? {
        guard let text = text() else { return nil }
        do {
            return try parse(text)
        } catch {
            fail(error.message)
            return nil
        }
    }

    fileprivate func pattern(_ subject: IdentityPattern.Subject) -> IdentityPattern? {
        mappingValue { text throws(MappingError) in try IdentityPattern(parsing: text, for: subject) }
    }

    /// Returns conditions on a distinguished name: attribute types with one pattern or several.
    fileprivate func attributes() -> [AttributeCondition]? {
        guard let entries = entries(of: "attributes such as { CN: \"{name}\" }") else { return nil }
        if entries.isEmpty { fail("a condition without attributes would fit every name; give it at least one") }
        return entries.compactMap { entry -> AttributeCondition? in
            let type: NameAttributeType
            do throws(IdentityError) {
                type = try NameAttributeType(parsing: entry.key)
            } catch {
                context.diagnostics.error(error.message, at: entry.keyPlace)
                return nil
            }
            let texts = entry.value.listOrSingle(of: "patterns", atMost: 16)
            if texts?.isEmpty ?? false { entry.value.fail("at least one pattern is needed") }
            let patterns = texts?.compactMap { $0.pattern(.attribute) }
            return patterns.map { AttributeCondition(type: type, patterns: $0) }
        }
    }

    fileprivate func thumbprints() -> [CertificateThumbprint]? {
        listOrSingle(of: "thumbprints")?.compactMap { value in
            guard let text = value.text("a SHA-256 digest in hexadecimal") else { return nil }
            guard let thumbprint = CertificateThumbprint(hexadecimal: text) else {
                value.fail(
                    "expected a SHA-256 digest: 64 hexadecimal digits, with colons between the bytes or without, found "
                        + IdentityError.excerpt(of: text)
                )
                return nil
            }
            return thumbprint
        }
    }
}
