/// What people note about a record; nothing is decided by it.
package struct RecordMetadata: Sendable, Hashable {
    /// The most labels, and the most annotations.
    package static let maximumCount = 50
    /// The longest name of either, and the longest value of a label, in characters.
    package static let maximumLength = 256
    /// The longest value of an annotation, in characters.
    package static let maximumAnnotationLength = 5000

    /// Short texts by name.
    package var labels: [String: String]
    /// Longer texts by name.
    package var annotations: [String: String]

    package init(labels: [String: String] = [:], annotations: [String: String] = [:]) {
        self.labels = labels
        self.annotations = annotations
    }
}
