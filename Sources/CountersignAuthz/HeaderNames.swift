import CountersignAuthentication

/// Names of header fields that backends may rely on.
enum HeaderNames {
    private static let watched = Set(
        (AuthzAnswers.toldHeaders + CertificateFormat.allHeaderNames).map(folded)
    )

    /// The first name that CGI and its heirs, where `-` and `_` are one, read as a name that tells of the caller or of its
    /// certificate, and that is not spelled so.
    ///
    /// A proxy that replaces or removes a field by its name passes such a one on, and its backend takes it for the proxy's.
    /// The header that the proxy writes may have any name, and counts as well.
    static func disguised(among names: some Sequence<String>, reader: ForwardedCertificateReader) -> String? {
        let own = reader.headerName
        return names.first { name in
            guard !name.utf8.allSatisfy(isPlain), name.lowercased() != own.lowercased() else { return false }
            let folded = folded(name)
            return watched.contains(folded) || folded == Self.folded(own)
        }
    }

    /// The fields about certificates that clients alone can have written, as the proxy uses another one.
    static func foreign(to reader: ForwardedCertificateReader) -> [String] {
        let own = [reader.headerName] + reader.format.companionHeaderNames
        return CertificateFormat.allHeaderNames.filter { name in !own.contains { folded($0) == folded(name) } }
    }

    /// In lower case, with `-` for all that is no letter and no digit.
    private static func folded(_ name: String) -> String {
        String(decoding: name.lowercased().utf8.map { isPlain($0) ? $0 : UInt8(ascii: "-") }, as: UTF8.self)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
