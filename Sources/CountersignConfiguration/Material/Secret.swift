/// A text that must not appear in logs, errors and answers.
///
/// Whatever prints it, shows it in a debugger's mirror or interpolates it sees a placeholder.
package struct Secret: Sendable {
    private let text: String

    /// Wraps a secret text.
    package init(_ text: String) {
        self.text = text
    }

    /// The secret itself, for the one who must send or compare it.
    package func reveal() -> String { text }

    /// Whether the secret is empty, which it says without being revealed.
    package var isEmpty: Bool { text.isEmpty }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<secret>" }
    package var debugDescription: String { "<secret>" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
