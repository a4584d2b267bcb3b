/// Where PEM text comes from.
package enum PEMSource: Hashable, Sendable {
    /// A file; the path is as the process can open it.
    case path(String)

    /// The text itself.
    case inline(String)
}

extension PEMSource: CustomStringConvertible {
    /// The path, or the word "inline"; never the text, which can be a private key.
    package var description: String {
        switch self {
        case .path(let path): path
        case .inline: "inline"
        }
    }
}

extension PEMSource: CustomReflectable {
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
