import CountersignForwarding

/// Names of header fields that backends may rely on.
package enum HeaderNames {
    private static let watched = Set((CallerHeaders.all + CertificateFormat.allHeaderNames).map(FoldedHeaderName.init))

    /// The first name that CGI and its heirs, where `-` and `_` are one, read as a name that tells of the caller or of its
    /// certificate, and that is not spelled so.
    ///
    /// A proxy that replaces or removes a field by its name passes such a one on, and its backend takes it for the proxy's.
    /// The header that the proxy writes may have any name, and counts as well.
    package static func disguised(among names: some Sequence<String>, reader: ForwardedCertificateReader) -> String? {
        let own = reader.headerName
        return names.first { name in
            guard !name.utf8.allSatisfy(FoldedHeaderName.isPlain), name.lowercased() != own.lowercased() else {
                return false
            }
            let folded = FoldedHeaderName(name)
            return watched.contains(folded) || folded == FoldedHeaderName(own)
        }
    }

    /// Whether a field of this name, in any spelling, tells of a caller or of its certificate: as the router knows them, or as the
    /// proxy writes it.
    package static func tellsOfCaller(_ name: String, reader: ForwardedCertificateReader) -> Bool {
        IdentityHeaders.contains(name.utf8.span) || FoldedHeaderName(name) == FoldedHeaderName(reader.headerName)
    }

    /// The fields about certificates that clients alone can have written, as the proxy uses another one.
    package static func foreign(to reader: ForwardedCertificateReader) -> [String] {
        let own = [reader.headerName] + reader.format.companionHeaderNames
        let folded = Set(own.map(FoldedHeaderName.init))
        return CertificateFormat.allHeaderNames.filter { !folded.contains(FoldedHeaderName($0)) }
    }
}
