import CountersignIdentity

/// A path of a service with everything below it, in every reading that a backend could make of it.
///
/// It is a path and no pattern: nothing in it could be meant as one and be compared to the letter.
package struct PathPrefix: Sendable, Hashable {
    /// The path, without the `/*` that it may have been given with.
    package let text: String
    /// What readers can make of the path, the path itself first.
    package let readings: [[UInt8]]

    /// Takes a path that begins with `/`; `/*` at its end says what is meant without it.
    ///
    /// Written with escapes, a path is meant in every reading that a request for it would have.
    ///
    /// - Throws: ``RoutingError`` with `invalidPath` for one that might be meant in another way than it would be compared.
    package init(parsing text: String) throws(RoutingError) {
        guard text.utf8.first == UInt8(ascii: "/") else {
            throw RoutingError(
                .invalidPath,
                "expected paths that begin with \"/\", found \(IdentityError.excerpt(of: text))"
            )
        }
        let path = text.hasSuffix("/*") ? String(text.dropLast()) : text
        guard path.utf8.allSatisfy(Self.isOfPath), let readings = CanonicalPath.readings(Array(path.utf8).span) else {
            throw RoutingError(
                .invalidPath,
                "\(IdentityError.excerpt(of: text)) is no path with all below it: \"*\" may be at the end alone, behind \"/\", "
                    + "and parameters, \"?\", \"#\", \"\\\", control characters, and escapes of escapes without end may not be there"
            )
        }
        self.text = path
        self.readings = readings
    }

    private static func isOfPath(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7F && !"*?#;\\".utf8.contains(byte)
    }
}
