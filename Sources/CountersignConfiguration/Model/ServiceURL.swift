import CountersignIdentity

/// The URL of another service: a scheme, a host, a port and a path.
package struct ServiceURL: Hashable, Sendable {
    /// The scheme of a URL.
    package enum Scheme: String, Hashable, Sendable {
        /// Without TLS.
        case http

        /// With TLS.
        case https

        /// The port that a URL without one means.
        var standardPort: UInt16 {
            switch self {
            case .http: 80
            case .https: 443
            }
        }
    }

    /// The scheme.
    package var scheme: Scheme

    /// The host: a name in lower case, or an IP address without brackets.
    package var host: String

    /// The port, 1...65535.
    package var port: UInt16

    /// The path, which begins with `/`.
    package var path: String

    /// Whether the service is reached over TLS.
    package var isSecure: Bool { scheme == .https }

    /// Whether the service is on this host.
    package var isLoopback: Bool {
        host == "localhost" || ((try? IPAddress(parsing: host))?.isLoopback ?? false)
    }

    /// Host and port as one text, an IPv6 address in brackets.
    package var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension ServiceURL {
    /// Parses `http://` or `https://`, a host, optionally a port and a path; credentials, queries and fragments are
    /// refused.
    ///
    /// - Throws: ``ConfigurationValueError``, which does not repeat the text, as it can hold a password.
    package init(parsing text: String) throws(ConfigurationValueError) {
        let failure = ConfigurationValueError(
            "expected a URL such as https://users.internal:4001/path, without credentials, \"?\" and \"#\""
        )
        let isClean = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x5C }
        guard isClean, let separator = text.firstRange(of: "://"),
            let scheme = Scheme(rawValue: text[..<separator.lowerBound].lowercased())
        else { throw failure }
        let rest = text[separator.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        let path = rest[authority.endIndex...]
        guard !rest.contains("?"), !rest.contains("#"), !authority.contains("@") else { throw failure }
        var hostText = authority
        var port = scheme.standardPort
        if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
            let digits = authority[authority.index(after: colon)...]
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(digits), number > 0 else {
                throw failure
            }
            hostText = authority[..<colon]
            port = number
        }
        guard hostText.contains(":") == hostText.hasPrefix("["), let host = try? HostName(parsing: String(hostText))
        else { throw failure }
        self.init(scheme: scheme, host: host.description, port: port, path: path.isEmpty ? "/" : String(path))
    }
}

extension ServiceURL: CustomStringConvertible {
    package var description: String { "\(scheme.rawValue)://\(authority)\(path)" }
}
