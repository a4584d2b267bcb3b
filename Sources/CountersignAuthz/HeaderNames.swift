import CountersignAuthentication

/// Names of header fields that backends may rely on.
enum HeaderNames {
    private static let watched = Set(
        (AuthzAnswers.toldHeaders + CertificateFormat.allHeaderNames).map(FoldedHeaderName.init)
    )

    /// The first name that CGI and its heirs, where `-` and `_` are one, read as a name that tells of the caller or of its
    /// certificate, and that is not spelled so.
    ///
    /// A proxy that replaces or removes a field by its name passes such a one on, and its backend takes it for the proxy's.
    /// The header that the proxy writes may have any name, and counts as well.
    static func disguised(among names: some Sequence<String>, reader: ForwardedCertificateReader) -> String? {
        let own = reader.headerName
        return names.first { name in
            guard !name.utf8.allSatisfy(FoldedHeaderName.isPlain), name.lowercased() != own.lowercased() else {
                return false
            }
            let folded = FoldedHeaderName(name)
            return watched.contains(folded) || folded == FoldedHeaderName(own)
        }
    }

    /// The fields about certificates that clients alone can have written, as the proxy uses another one.
    static func foreign(to reader: ForwardedCertificateReader) -> [String] {
        let own = [reader.headerName] + reader.format.companionHeaderNames
        let folded = Set(own.map(FoldedHeaderName.init))
        return CertificateFormat.allHeaderNames.filter { !folded.contains(FoldedHeaderName($0)) }
    }
}
