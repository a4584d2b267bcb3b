/// Why the client library for Kafka does not take its settings.
package struct KafkaError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong; nothing of keys and passwords.
    package let description: String

    /// An error with its words.
    init(_ description: String) {
        self.description = description
    }
}
