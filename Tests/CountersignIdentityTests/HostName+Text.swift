import CountersignIdentity

/// Spans cannot pass through the macros of the testing library, strings can.
extension HostName {
    init?(header: String) { self.init(hostHeader: Array(header.utf8).span) }

    init?(server name: String) { self.init(serverName: Array(name.utf8).span) }

    func matches(header: String) -> Bool { matches(hostHeader: Array(header.utf8).span) }
}

extension HostPattern {
    func matches(normalised text: String) -> Bool { matches(normalisedBytes: Array(text.utf8).span) }
}

extension IPAddress {
    init?(network bytes: [UInt8]) { self.init(networkBytes: bytes.span) }
}
