/// Comparison of one name with one subtree of the same form (RFC 5280 section 4.2.1.10).
enum NameSubtree {
    /// Whether the name surely lies within a permitted subtree; a name or subtree that makes no sense does not.
    static func contains(_ name: AlternativeName, in subtree: AlternativeName) -> Bool {
        switch (name, subtree) {
        case (.dns(let name), .dns(let base)):
            guard let labels = DNSLabels(name: name), let base = DNSLabels(constraint: base) else { return false }
            return labels.isWithin(base)
        case (.email(let name), .email(let base)):
            return self.mailbox(name, isIn: base) ?? false
        case (.uri(let name), .uri(let base)):
            return self.uri(name, isIn: base) ?? false
        case (.ip(let name), .ip(let base)):
            return self.address(name, isIn: base)
        case (.directory(let name), .directory(let base)):
            return self.directory(name, isIn: base) ?? false
        default:
            return false
        }
    }

    /// Whether the name lies, or could lie, within an excluded subtree; one that makes no sense could.
    static func mayContain(_ name: AlternativeName, in subtree: AlternativeName) -> Bool {
        switch (name, subtree) {
        case (.dns(let name), .dns(let base)):
            guard let labels = DNSLabels(name: name), let base = DNSLabels(constraint: base) else { return true }
            return labels.overlaps(base)
        case (.email(let name), .email(let base)):
            return self.mailbox(name, isIn: base) ?? true
        case (.uri(let name), .uri(let base)):
            return self.uri(name, isIn: base) ?? true
        case (.ip(let name), .ip(let base)):
            return self.address(name, isIn: base)
        case (.directory(let name), .directory(let base)):
            return self.directory(name, isIn: base) ?? true
        default:
            // A form that is not interpreted: it cannot be told apart, so it is taken as excluded.
            return true
        }
    }

    /// The name for a message, without control characters.
    static func text(of name: AlternativeName) -> String {
        switch name {
        case .dns(let text), .email(let text), .uri(let text): "'\(text)'"
        case .ip(let bytes): Hexadecimal.text(of: bytes)
        case .directory(let der): (try? RelativeNames(der: der)).map { "'\($0.text)'" } ?? "(damaged)"
        case .other(let tag, _): "of form \(tag)"
        }
    }

    /// nil when the mailbox or the constraint is malformed.
    private static func mailbox(_ name: String, isIn base: String) -> Bool? {
        guard let (local, host) = self.split(name), let hostLabels = DNSLabels(name: host) else { return nil }
        if base.utf8.contains(UInt8(ascii: "@")) {
            guard let (baseLocal, baseHost) = self.split(base), let baseLabels = DNSLabels(constraint: baseHost)
            else { return nil }
            return local == baseLocal && hostLabels == baseLabels
        }
        return self.host(hostLabels, isIn: base)
    }

    private static func split(_ mailbox: String) -> (local: String, host: String)? {
        let parts = mailbox.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let local = parts.first, let host = parts.last, !local.isEmpty, !host.isEmpty,
            !local.contains("\"")
        else { return nil }
        return (String(local), String(host))
    }

    /// nil when the URI names no host, or an address, or the constraint is malformed.
    private static func uri(_ name: String, isIn base: String) -> Bool? {
        guard let host = URIHost.host(of: name), let labels = DNSLabels(name: host) else { return nil }
        return self.host(labels, isIn: base)
    }

    /// A constraint with a leading dot stands for every subdomain, one without for that host alone.
    private static func host(_ host: DNSLabels, isIn base: String) -> Bool? {
        if base.isEmpty { return true }
        if base.utf8.first == UInt8(ascii: ".") {
            guard let labels = DNSLabels(constraint: String(base.dropFirst())) else { return nil }
            return host.isWithin(labels) && host != labels
        }
        guard let labels = DNSLabels(constraint: base) else { return nil }
        return host == labels
    }

    private static func address(_ name: [UInt8], isIn base: [UInt8]) -> Bool {
        guard base.count == name.count * 2 else { return false }
        return name.indices.allSatisfy { index in
            let mask = base[name.count + index]
            return name[index] & mask == base[index] & mask
        }
    }

    /// Whether the subtree's components are the first components of the name.
    private static func directory(_ name: [UInt8], isIn base: [UInt8]) -> Bool? {
        guard let name = try? RelativeNames(der: name), let base = try? RelativeNames(der: base)
        else { return nil }
        guard base.components.count <= name.components.count else { return false }
        return zip(base.components, name.components).allSatisfy { Self.canonical($0) == Self.canonical($1) }
    }

    /// Attribute values by RFC 5280 section 7.1 as far as ASCII goes: case and runs of spaces do not count.
    private static func canonical(_ component: [RelativeNames.Attribute]) -> Set<[UInt8]> {
        Set(
            component.map { attribute in
                let prefix = Array(attribute.type.encoded)
                guard let text = attribute.text else { return prefix + attribute.valueDER }
                let words = text.utf8.split(separator: UInt8(ascii: " "))
                return prefix + words.map { $0.map(Self.lowercased) }.joined(separator: [UInt8(ascii: " ")])
            }
        )
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
