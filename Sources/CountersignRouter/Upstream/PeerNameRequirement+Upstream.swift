package import CountersignIdentity
package import CountersignPKI

extension PeerNameRequirement {
    /// The name that an endpoint's certificate must have, as `server_cert_domain_san` says it: a SPIFFE ID, an IP
    /// address or a DNS name.
    ///
    /// - Throws: `IdentityError` when the text is none of them.
    package init(serverCertDomainSAN text: String) throws(IdentityError) {
        if text.hasPrefix("spiffe://") {
            self = .spiffe(try SPIFFEID(parsing: text))
            return
        }
        if let address = try? IPAddress(parsing: text) {
            self = .address(address)
            return
        }
        self = .dns(try HostName(parsing: text))
    }

    /// A certificate for the host of an endpoint, a DNS name or an IP address without brackets; `nil` for neither.
    package init?(host: String) {
        if let address = try? IPAddress(parsing: host) {
            self = .address(address)
        } else if let name = try? HostName(parsing: host) {
            self = .dns(name)
        } else {
            return nil
        }
    }

    /// The name to ask for in the handshake (RFC 6066 section 3): that of a host, and no other.
    package var serverName: String? {
        if case .dns(let name) = self { name.description } else { nil }
    }
}
