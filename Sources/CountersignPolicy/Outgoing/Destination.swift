public import CountersignIdentity

/// One destination of calls as a list of the configuration names it: a host, `*.` and a host, an address or a block of
/// addresses, each with a port or without one.
public struct Destination: Hashable, Sendable, CustomStringConvertible {
    /// Which hosts are meant.
    public enum Host: Hashable, Sendable {
        /// Those of a pattern, by their name.
        case named(HostPattern)
        /// Those at certain addresses, by whatever name they were asked for.
        case addressed(CIDRBlock)
    }

    /// Which hosts are meant.
    public let host: Host
    /// The port, 1...65535; nil for every one.
    public let port: UInt16?

    /// Names a destination.
    public init(_ host: Host, port: UInt16? = nil) {
        self.host = host
        self.port = port
    }

    /// Parses `api.example.com`, `*.example.com`, `192.0.2.7`, `10.0.0.0/8`, `2001:db8::/32` or `[2001:db8::1]`, each of
    /// which may end with `:` and a port; before a port, IPv6 has brackets.
    ///
    /// - Throws: ``PolicyError`` of the code `invalidValue`, which repeats the text.
    public init(parsing text: String) throws(PolicyError) {
        let (hostText, portText) = Self.split(text)
        var port: UInt16?
        if let portText {
            guard let first = portText.utf8.first, (0x31...0x39).contains(first), let number = UInt16(portText) else {
                throw Self.fault(text)
            }
            port = number
        }
        self.init(try Self.host(hostText, of: text), port: port)
    }

    private static func host(_ text: Substring, of whole: String) throws(PolicyError) -> Host {
        var bare = text
        if bare.hasPrefix("["), bare.hasSuffix("]") { bare = bare.dropFirst().dropLast() }
        do throws(IdentityError) {
            if bare.contains("/") || bare.contains(":") || (try? IPAddress(parsing: String(bare))) != nil {
                return .addressed(try CIDRBlock(parsing: String(bare)))
            }
            guard bare.count == text.count else { throw IdentityError(.invalidHostPattern, "") }
            return .named(try HostPattern(parsing: String(bare)))
        } catch {
            throw fault(whole)
        }
    }

    /// Host and port of a text: a colon begins a port when it is the only one, or stands behind brackets.
    private static func split(_ text: String) -> (host: Substring, port: Substring?) {
        guard let colon = text.lastIndex(of: ":") else { return (text[...], nil) }
        let host = text[..<colon]
        guard host.hasSuffix("]") || !host.contains(":") else { return (text[...], nil) }
        return (host, text[text.index(after: colon)...])
    }

    private static func fault(_ text: String) -> PolicyError {
        PolicyError(
            .invalidValue,
            options: [],
            "\(IdentityError.excerpt(of: text)) is no destination: write a host name, '*.' and a host name, an IP address or "
                + "a block such as 10.0.0.0/8, and after it ':' and a port where only that one is meant"
        )
    }

    /// Whether a host is meant that was asked for by name.
    ///
    /// A name says nothing of a block: what it leads to is looked at once it is resolved.
    public func contains(_ host: HostName, port: UInt16) -> Bool {
        guard self.port == nil || self.port == port else { return false }
        switch self.host {
        case .named(let pattern): return pattern.matches(host)
        case .addressed(let block):
            guard host.kind == .address, let address = try? IPAddress(parsing: host.description) else { return false }
            return address.readings.contains(where: block.contains)
        }
    }

    /// Whether an address is meant by its number, or by the number of an IPv4 address that it may lead to.
    public func contains(_ address: IPAddress, port: UInt16) -> Bool {
        guard self.port == nil || self.port == port, case .addressed(let block) = host else { return false }
        return address.readings.contains(where: block.contains)
    }

    /// Whether the very address is meant by its number, and not only as one of a block: a block is written down for the network
    /// in it, and not for the host itself or a router, whose addresses may be of it.
    ///
    /// The prefix of a translator is an exception. It is named as a block, as each address in it stands for another one, which
    /// is asked about by itself.
    func names(_ address: IPAddress, port: UInt16) -> Bool {
        guard self.port == nil || self.port == port, case .addressed(let block) = host, block.contains(address) else {
            return false
        }
        return block.isSingleAddress || ReservedAddresses.isTranslation(block)
    }

    /// The form in which it is configured.
    public var description: String {
        let text: String =
            switch host {
            case .named(let pattern): pattern.description
            case .addressed(let block): block.description
            }
        guard let port else { return text }
        return text.contains(":") ? "[\(text)]:\(port)" : "\(text):\(port)"
    }
}
