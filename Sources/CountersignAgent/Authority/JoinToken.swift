/// The secret by which an agent joins, once.
package struct JoinToken: Sendable, Equatable {
    private let text: String

    /// Takes the text of a token; nil when it cannot be one.
    package init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= 4096, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        self.text = text
    }

    /// The secret itself, for the request that sends it.
    package func reveal() -> String { text }
}

extension JoinToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<secret>" }
    package var debugDescription: String { "<secret>" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
