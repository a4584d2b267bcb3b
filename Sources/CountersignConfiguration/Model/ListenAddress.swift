package import CountersignIdentity

/// An address and a port to listen on: `127.0.0.1:8443`, `[::1]:8443`, `0.0.0.0:8443`.
package struct ListenAddress: Hashable, Sendable {
    /// The address; `0.0.0.0` and `::` stand for every one of the host.
    package var address: IPAddress

    /// The port, 0...65535; 0 lets the system choose one.
    package var port: UInt16

    /// Makes an address from its parts.
    package init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }
}

extension ListenAddress {
    /// Parses an IPv4 address, or an IPv6 address in brackets, then `:` and a port.
    ///
    /// - Throws: ``ConfigurationValueError``, which repeats the text.
    package init(parsing text: String) throws(ConfigurationValueError) {
        try self.init(text, expected: "an IP address and a port such as 127.0.0.1:8443, 0.0.0.0:8443 or [::1]:8443")
    }

    /// Parses the same where only an address of loopback would be right; whether it is one is not looked at.
    ///
    /// - Throws: ``ConfigurationValueError``, which repeats the text.
    package init(parsingOfLoopback text: String) throws(ConfigurationValueError) {
        try self.init(text, expected: "an IP address of loopback and a port such as 127.0.0.1:8888 or [::1]:8888")
    }

    private init(_ text: String, expected: String) throws(ConfigurationValueError) {
        let failure = ConfigurationValueError("expected \(expected), found \(IdentityError.excerpt(of: text))")
        guard let colon = text.lastIndex(of: ":") else { throw failure }
        let portText = text[text.index(after: colon)...]
        guard !portText.isEmpty, portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(portText)
        else { throw failure }
        var host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]") && host.utf8.count > 2
        if isBracketed {
            host = host.dropFirst().dropLast()
        }
        guard let address = try? IPAddress(parsing: String(host)), (address.family == .v6) == isBracketed else {
            throw failure
        }
        self.init(address: address, port: port)
    }
}

extension ListenAddress: CustomStringConvertible {
    /// The form in which it is configured.
    package var description: String {
        address.family == .v6 ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}
