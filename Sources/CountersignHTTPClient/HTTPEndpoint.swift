import CountersignIdentity
package import CountersignPKI

/// Where a server is.
package struct HTTPEndpoint: Sendable, Hashable {
    /// A DNS name or an address, without brackets.
    package var host: String
    /// The port.
    package var port: UInt16
    /// Whether the URL it was read from begins with `https`; what decides is whether a client is given TLS.
    package var isSecure: Bool
    /// What every path begins with: empty, or a path without a slash at its end.
    package var basePath: String

    /// Makes an endpoint of a host and a port.
    package init(host: String, port: UInt16, isSecure: Bool = true, basePath: String = "") {
        self.host = host
        self.port = port
        self.isSecure = isSecure
        self.basePath = basePath
    }

    /// Reads `https://host:port/base`; the port may be missing where it is 443, or 80 for `http`.
    ///
    /// - Throws: ``HTTPClientError`` with `invalidRequest` that says what is wrong.
    package init(url: String) throws(HTTPClientError) {
        let isSecure = url.hasPrefix("https://")
        guard isSecure || url.hasPrefix("http://") else {
            throw Self.invalid(url, "it begins with neither https:// nor http://")
        }
        let rest = url.dropFirst(isSecure ? 8 : 7)
        let authority = rest.prefix { $0 != "/" }
        var path = String(rest.dropFirst(authority.count))
        while path.hasSuffix("/") { path.removeLast() }
        guard !path.contains(where: { $0 == "?" || $0 == "#" }), RequestText.isTarget("/" + path) else {
            throw Self.invalid(url, "its path has a query, a fragment or a character that must be percent-encoded")
        }
        let (host, port) = try Self.split(authority, of: url)
        self.init(host: host, port: try Self.port(port, isSecure, of: url), isSecure: isSecure, basePath: path)
    }

    /// The name that the server's certificate must carry when nothing else was agreed upon: the host.
    ///
    /// - Throws: ``HTTPClientError`` with `invalidRequest` when the host is neither a name nor an address.
    package func peerName() throws(HTTPClientError) -> PeerNameRequirement {
        if let address = try? IPAddress(parsing: host) { return .address(address) }
        guard let name = try? HostName(parsing: host) else {
            throw HTTPClientError(.invalidRequest, "'\(host)' is neither a host name nor an address")
        }
        return .dns(name)
    }

    private static func split(
        _ authority: Substring,
        of url: String
    ) throws(HTTPClientError) -> (host: String, port: Substring?) {
        let isBracketed = authority.hasPrefix("[")
        let host = isBracketed ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        let tail = authority.dropFirst(host.count + (isBracketed ? 2 : 0))
        let port: Substring? = tail.hasPrefix(":") ? tail.dropFirst() : nil
        let isClosed = !isBracketed || authority.contains("]")
        guard isClosed, tail.isEmpty || port != nil, (try? HostName(parsing: String(host))) != nil else {
            throw invalid(url, "its host is neither a name nor an address, with a port or without")
        }
        return (String(host), port)
    }

    private static func port(_ text: Substring?, _ isSecure: Bool, of url: String) throws(HTTPClientError) -> UInt16 {
        guard let text else { return isSecure ? 443 : 80 }
        guard let port = UInt16(text), port > 0, text.first != "+" else {
            throw invalid(url, "its port is not a number from 1 to 65535")
        }
        return port
    }

    private static func invalid(_ url: String, _ reason: String) -> HTTPClientError {
        HTTPClientError(.invalidRequest, "'\(PrintableText.escaped(url))' is not the URL of a server: \(reason)")
    }
}

extension HTTPEndpoint: CustomStringConvertible {
    /// `host:port`, IPv6 in brackets.
    package var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
