package import CountersignIdentity
package import CountersignIssuance
package import CountersignPKI

/// The names that somebody wants in a certificate, sorted by kind.
package struct RequestedNames: Sendable, Hashable {
    /// DNS names, as asked for.
    package private(set) var dnsNames: [String] = []
    /// IP addresses.
    package private(set) var addresses: [IPAddress] = []
    /// URIs; the only one that a certificate can have is its SPIFFE ID.
    package private(set) var uris: [String] = []
    /// What no registration can hold: email addresses, directory names and the like, as text.
    package private(set) var others: [String] = []

    /// Sorts texts as CFSSL does: addresses, email addresses and URIs are told by their form, the rest are DNS names.
    package init(texts: [String]) {
        for text in texts { add(text) }
    }

    /// The alternative names of a certificate request.
    ///
    /// A dNSName that holds a URI or an address counts as one: older tools know no other field for them.
    package init(of request: SigningRequest) {
        for name in request.extensions.alternativeNames {
            switch name {
            case .dns(let text): add(text)
            case .uri(let text): uris.append(text)
            case .ip(let bytes):
                guard let address = IPAddress(networkBytes: bytes.span) else {
                    add(other: name)
                    continue
                }
                addresses.append(address)
            case .email(let text): others.append(text)
            case .directory, .other: add(other: name)
            }
        }
    }

    /// Whether nothing was asked for.
    package var isEmpty: Bool { dnsNames.isEmpty && addresses.isEmpty && uris.isEmpty && others.isEmpty }

    /// The first name that a service's certificates may not carry; nil when all are registered for it.
    package func firstForeign(to service: ServiceRegistration) -> String? {
        if let other = others.first { return other }
        let identity = service.spiffeID.description
        if let uri = uris.first(where: { $0 != identity }) { return uri }
        if let address = addresses.first(where: { !service.addresses.contains($0) }) { return address.description }
        return dnsNames.first { !service.mayBe($0) }
    }

    private mutating func add(_ text: String) {
        let bytes = Array(text.utf8)
        if let address = IPAddress(bytes.span) {
            addresses.append(address)
        } else if bytes.indices.dropLast(2).contains(where: { bytes[$0..<$0 + 3].elementsEqual("://".utf8) }) {
            uris.append(text)
        } else if bytes.contains(UInt8(ascii: "@")) {
            others.append(text)
        } else {
            dnsNames.append(text)
        }
    }

    private mutating func add(other name: AlternativeName) {
        others.append("a name of kind \(name.tag)")
    }
}

extension ServiceRegistration {
    /// Whether the DNS name is one of the service's, compared without case.
    func mayBe(_ dnsName: String) -> Bool {
        let wanted = dnsName.utf8
        return dnsNames.contains { known in
            known.utf8.count == wanted.count
                && zip(known.utf8, wanted).allSatisfy { Self.folded($0) == Self.folded($1) }
        }
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }
}
