/// What identifies the content of a response, so that a client can ask whether it changed (RFC 9110 section 8.8).
package struct ResponseValidators: Sendable, Hashable {
    /// A strong entity tag without its quotes, of visible ASCII without `"`; `nil` for none.
    package var entityTag: String?
    /// When the content last changed, in Unix seconds; `nil` when that is not known.
    package var lastModified: Int64?

    /// Makes validators; at least one of them should be there.
    package init(entityTag: String? = nil, lastModified: Int64? = nil) {
        self.entityTag = entityTag
        self.lastModified = lastModified
    }

    /// The header fields that carry them.
    var fields: [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        if let entityTag { fields.append(("ETag", "\"\(entityTag)\"")) }
        if let lastModified { fields.append(("Last-Modified", HTTPDate.text(unixSeconds: lastModified))) }
        return fields
    }

    /// Whether the request's conditions say that the client has this content (RFC 9110 section 13.2.2).
    ///
    /// If-Modified-Since counts only without If-None-Match, which is the more exact of the two.
    func areKnown(to request: ServerRequest) -> Bool {
        let tags = request.values(of: "If-None-Match")
        if !tags.isEmpty { return tags.contains(where: matches) }
        guard let lastModified, let since = request.field("If-Modified-Since").flatMap(HTTPDate.unixSeconds) else {
            return false
        }
        return lastModified <= since
    }

    private func matches(_ list: String) -> Bool {
        if list == "*" { return true }
        guard let entityTag else { return false }
        return list.split(separator: ",").contains { element in
            var tag = element.drop { $0 == " " || $0 == "\t" }
            while tag.last == " " || tag.last == "\t" { tag.removeLast() }
            // The comparison is the weak one (RFC 9110 section 13.1.2).
            if tag.hasPrefix("W/") { tag = tag.dropFirst(2) }
            return tag == "\"\(entityTag)\""
        }
    }
}
