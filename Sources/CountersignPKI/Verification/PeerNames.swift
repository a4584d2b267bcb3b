import CountersignIdentity

/// The alternative names of a certificate by form, as text.
struct PeerNames {
    var uris: [String] = []
    var dns: [String] = []
    var emails: [String] = []
    var addresses: [String] = []

    init(_ names: [AlternativeName]) {
        for name in names {
            switch name {
            case .uri(let uri): self.uris.append(uri)
            case .dns(let name): self.dns.append(name)
            case .email(let mailbox): self.emails.append(mailbox)
            case .ip(let bytes):
                if let address = IPAddress(networkBytes: bytes.span) { self.addresses.append(address.description) }
            case .directory, .other: break
            }
        }
    }
}
