/// The host of a URI with an authority (RFC 3986 section 3.2).
enum URIHost {
    /// The host as it is spelled; nil when there is none or it is a bracketed address.
    static func host(of uri: String) -> String? {
        let bytes = Array(uri.utf8)
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0,
            bytes[(colon + 1)...].starts(with: "//".utf8)
        else { return nil }
        let rest = bytes[(colon + 3)...]
        let end = rest.firstIndex { [UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")].contains($0) }
        var authority = rest[..<(end ?? rest.endIndex)]
        if let at = authority.lastIndex(of: UInt8(ascii: "@")) { authority = authority[(at + 1)...] }
        if let port = authority.firstIndex(of: UInt8(ascii: ":")) { authority = authority[..<port] }
        guard let last = authority.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).last,
            !authority.isEmpty, authority.first != UInt8(ascii: "["),
            !last.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return String(decoding: authority, as: UTF8.self)
    }
}
