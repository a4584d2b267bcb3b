/// Takes out of a request's host and path what may hold secrets, for everything that is written down of a request.
///
/// What is in a segment's text itself, such as `/reset/TOKEN`, stays: nothing shows that it is a secret.
package enum TargetRedaction {
    /// The path of a request's target in any of its forms (RFC 9112, 3.2), without scheme, users, query, fragment and
    /// parameters of segments (`;jsessionid=…`), whether what begins these is percent-encoded or not.
    ///
    /// - Parameter target: what the client asked for, as it stands.
    package static func path(_ target: String) -> String {
        var rest = Array(target.utf8)[...]
        if let end = rest.firstPlace(of: "?#") { rest = rest[..<end.lowerBound] }
        if rest.first != slash, let scheme = rest.firstRange(of: Array("://".utf8)) {
            rest = rest[scheme.upperBound...]
            rest = rest.firstIndex(of: slash).map { rest[$0...] } ?? [slash]
        }
        let segments = rest.split(separator: slash, omittingEmptySubsequences: false)
        let kept = segments.indices.map { index in
            // A host is at the beginning of a target without a slash, and behind two slashes.
            let isHost = index == 0 || index > 1 && segments[index - 1].isEmpty
            return segment(segments[index], isHost: isHost)
        }
        return String(decoding: Array(kept.joined(separator: [slash])), as: UTF8.self)
    }

    /// A host without a user before it.
    ///
    /// - Parameter authority: the host as it stands, with or without a port.
    package static func host(_ authority: String) -> String {
        String(decoding: withoutUser(Array(authority.utf8)[...]), as: UTF8.self)
    }

    private static func segment(_ text: ArraySlice<UInt8>, isHost: Bool) -> ArraySlice<UInt8> {
        let bare = isHost || hasPassword(text) ? withoutUser(text) : text
        return bare.firstPlace(of: ";").map { bare[..<$0.lowerBound] } ?? bare
    }

    /// Whether a segment looks like `user:password@…`, as one of an address that was written into a path does.
    private static func hasPassword(_ text: ArraySlice<UInt8>) -> Bool {
        guard let colon = text.firstPlace(of: ":") else { return false }
        return text[colon.upperBound...].firstPlace(of: "@") != nil
    }

    private static func withoutUser(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = text
        while let at = rest.firstPlace(of: "@") { rest = rest[at.upperBound...] }
        return rest
    }

    private static let slash = UInt8(ascii: "/")
}

extension ArraySlice<UInt8> {
    /// Where the first of these ASCII characters stands, as itself or percent-encoded (RFC 3986, 2.1).
    fileprivate func firstPlace(of characters: StaticString) -> Range<Int>? {
        let wanted = characters.description.utf8
        for index in indices {
            if wanted.contains(self[index]) { return index..<index + 1 }
            guard self[index] == UInt8(ascii: "%"), index + 2 < endIndex,
                let byte = UInt8(String(decoding: self[index + 1...index + 2], as: UTF8.self), radix: 16),
                wanted.contains(byte)
            else { continue }
            return index..<index + 3
        }
        return nil
    }
}
