/// The paths of an entry that says who may call what: a whole one, or all below one.
package struct CallPath: Sendable, Hashable {
    private let path: LiteralPath
    private let isBelow: Bool

    /// The text form.
    package var text: String { isBelow ? path.text + "*" : path.text }

    /// Takes a path such as `/v1/users`, or `/v1/*` for everything below.
    ///
    /// - Throws: ``RoutingError`` with `invalidPath` for what no request could fit.
    package init(parsing text: String) throws(RoutingError) {
        isBelow = text.hasSuffix("/*")
        path = try LiteralPath(parsing: isBelow ? String(text.dropLast()) : text)
    }

    /// Whether a path that can be read in one way alone (``CanonicalPath/isPlain(_:)``) is one of these.
    package func holds(plain path: [UInt8]) -> Bool {
        let own = self.path.text.utf8
        return isBelow ? path.count > own.count && path.starts(with: own) : path.elementsEqual(own)
    }
}
