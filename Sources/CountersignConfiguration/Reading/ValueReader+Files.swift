import CountersignIdentity

extension ValueReader {
    /// Returns a path as the process can open it: relative ones start from the configuration file's folder.
    func path() -> String? {
        guard let text = text("a path") else { return nil }
        return accepted(path: text)
    }

    /// Returns a reference to PEM text: a path, or the text itself.
    func pem(_ content: PEMReference.Content) -> PEMReference? {
        let expected = "a path of a PEM file or the PEM text itself"
        guard let scalar = scalar(expected: expected) else { return nil }
        guard scalar.kind == .string, !scalar.text.isEmpty else {
            fail("expected \(expected), found \(scalar.kind == .string ? "an empty text" : scalar.kind.inWords)")
            return nil
        }
        guard scalar.text.contains("-----BEGIN ") else {
            guard let path = accepted(path: scalar.text) else { return nil }
            return PEMReference(
                source: .path(path),
                content: content,
                place: place,
                mayBeKey: KeyMaterial.mayBe(in: scalar.text)
            )
        }
        return PEMReference(
            source: .inline(scalar.text),
            content: content,
            place: place,
            standsInConfigurationFile: !scalar.isFromEnvironment
        )
    }

    /// Returns references to PEM text: one, or a list of them.
    func pems(_ content: PEMReference.Content) -> [PEMReference] {
        let values = listOrSingle(of: "paths of PEM files or PEM texts") ?? []
        if values.isEmpty, case .sequence = node.content {
            fail("the list is empty; name at least one PEM file")
        }
        return values.compactMap { $0.pem(content) }
    }

    private func accepted(path text: String) -> String? {
        let isClean = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        guard isClean, !text.contains("-----BEGIN "), text.utf8.count <= Self.maximumPathLength else {
            fail(
                "expected a path, found a text that is none: it has line breaks or control characters, is PEM or too long"
            )
            return nil
        }
        // A path of the environment is meant as the process sees it, and not as the file does.
        return isOverride ? text : context.resolve(text)
    }

    private static let maximumPathLength = 4095
}

extension MappingReader {
    /// Returns a secret given as `key`, or in a file that `key` with `_file` names; nil when the file has neither.
    func secret(_ key: String) -> SecretReference? {
        let value = value(key)
        let file = self.value("\(key)_file")
        if let value, let file {
            file.fail("the secret is given twice; keep this or \(value.place.path)")
            return nil
        }
        if let file {
            return file.path().map { SecretReference(source: .file($0), place: file.place) }
        }
        guard let value, let text = value.text("a text", mayBeEmpty: true) else { return nil }
        return SecretReference(source: .value(Secret(text)), place: value.place)
    }
}
