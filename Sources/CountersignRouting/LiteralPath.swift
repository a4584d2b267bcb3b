import CountersignIdentity

/// A path of a service that requests have to the letter, or not at all.
///
/// It is one that can be read in one way alone, so that a request with these bytes means this path.
package struct LiteralPath: Sendable, Hashable {
    /// The path as it was given.
    package let text: String

    /// Takes a path that begins with `/`.
    ///
    /// - Throws: ``RoutingError`` with `invalidPath` for one that no request could have.
    package init(parsing text: String) throws(RoutingError) {
        guard text.utf8.first == UInt8(ascii: "/") else {
            throw RoutingError(
                .invalidPath,
                "expected paths that begin with \"/\", found \(IdentityError.excerpt(of: text))"
            )
        }
        guard text.utf8.allSatisfy(Self.isOfPath), CanonicalPath.isPlain(Array(text.utf8).span) else {
            throw RoutingError(
                .invalidPath,
                "no request would fit \(IdentityError.excerpt(of: text)): paths are compared to the letter, and one with escapes, "
                    + "parameters, empty or dot segments, or \"?\", \"#\", \"*\" or \"\\\", can be read in several ways"
            )
        }
        self.text = text
    }

    /// Whether a request's path, with its query or without, is this one.
    package func isPath(of target: String) -> Bool {
        target.utf8.prefix { $0 != UInt8(ascii: "?") }.elementsEqual(text.utf8)
    }

    private static func isOfPath(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && !"*?#;%\\".utf8.contains(byte)
    }
}
