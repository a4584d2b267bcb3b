/// Why a rule of an identity mapping cannot be used.
///
/// The message names what is wrong and what would be right, in one sentence, and can be logged as it stands.
package struct MappingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One sentence for the operator.
    package let message: String

    package init(_ message: String) {
        self.message = message
    }

    /// The same as ``message``.
    package var description: String { message }
}
