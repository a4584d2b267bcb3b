package import CountersignControlModel

/// A change of labels and annotations: each name gets a value, or goes.
package struct MetadataChange: Sendable {
    /// Labels; nil removes one.
    package var labels: [String: String?]
    /// Annotations; nil removes one.
    package var annotations: [String: String?]

    package init(labels: [String: String?] = [:], annotations: [String: String?] = [:]) {
        self.labels = labels
        self.annotations = annotations
    }

    /// What comes of it.
    ///
    /// - Throws: ``ControlError`` when there are too many, or one is too long.
    package func applied(to metadata: RecordMetadata) throws(ControlError) -> RecordMetadata {
        var metadata = metadata
        for (name, value) in labels { metadata.labels[name] = value }
        for (name, value) in annotations { metadata.annotations[name] = value }
        for (name, value) in labels { try Self.check(label: name, value) }
        try Self.check(metadata.labels, "label", atMost: RecordMetadata.maximumLength)
        try Self.check(metadata.annotations, "annotation", atMost: RecordMetadata.maximumAnnotationLength)
        return metadata
    }

    /// A label that goes may have any name, as one of earlier days may.
    private static func check(label name: String, _ value: String?) throws(ControlError) {
        guard let value else { return }
        if let problem = LabelSyntax.problem(ofKey: name) {
            throw .unprocessable("Metadata has a label whose key '\(name.prefix(64))' \(problem)")
        }
        if let problem = LabelSyntax.problem(ofValue: value) {
            throw .unprocessable("Metadata has the label '\(name)' with a value that \(problem)")
        }
    }

    private static func check(
        _ texts: [String: String],
        _ word: String,
        atMost limit: Int
    ) throws(ControlError) {
        guard texts.count <= RecordMetadata.maximumCount else {
            throw .unprocessable(
                "Metadata has \(texts.count) \(word)s; at most \(RecordMetadata.maximumCount) are kept"
            )
        }
        for (name, value) in texts {
            guard (1...RecordMetadata.maximumLength).contains(name.unicodeScalars.count),
                value.unicodeScalars.count <= limit
            else {
                throw .unprocessable(
                    """
                    Metadata has a \(word) that is too long: names have 1 to \(RecordMetadata.maximumLength) characters, \
                    values at most \(limit)
                    """
                )
            }
        }
    }
}
