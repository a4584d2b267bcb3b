/// What a PROXY protocol header says of the client's TLS: the value of ``ProxyExtra/tls``.
package struct ProxyTLS: Hashable, Sendable {
    /// The client came over TLS.
    package static let overTLS: UInt8 = 0x01
    /// It presented a certificate on this connection.
    package static let certificateOnConnection: UInt8 = 0x02
    /// It presented one in this session, of which the connection may be a resumption.
    package static let certificateInSession: UInt8 = 0x04

    /// The bits above.
    package var client: UInt8
    /// 0 when the client presented a certificate that was verified, and anything else when not.
    package var verification: UInt32
    /// What else is said.
    package var details: [ProxyExtra]

    /// Makes the value from its parts.
    package init(client: UInt8, verification: UInt32, details: [ProxyExtra]) {
        self.client = client
        self.verification = verification
        self.details = details
    }

    /// Reads a value; `nil` when it is not whole.
    package init?(_ value: Span<UInt8>) {
        guard value.count >= 5, let details = ProxyExtra.list(value, from: 5) else { return nil }
        client = value[0]
        verification = UInt32(value[1]) << 24 | UInt32(value[2]) << 16 | UInt32(value[3]) << 8 | UInt32(value[4])
        self.details = details
    }

    /// The field that carries the value.
    package var field: ProxyExtra {
        var value = [client]
        for shift in stride(from: 24, through: 0, by: -8) {
            value.append(UInt8(truncatingIfNeeded: verification >> UInt32(shift)))
        }
        for detail in details { detail.append(to: &value) }
        return ProxyExtra(type: ProxyExtra.tls, value: value)
    }

    /// The value of the first detail of a type; `nil` without one.
    package func value(_ type: UInt8) -> [UInt8]? {
        details.first { $0.type == type }?.value
    }

    /// The TLS version, such as `TLSv1.3`.
    package static let version: UInt8 = 0x21
    /// The common name of the client's certificate.
    package static let commonName: UInt8 = 0x22
    /// The cipher suite.
    package static let cipher: UInt8 = 0x23
    /// The algorithm that the client's certificate was signed by.
    package static let signatureAlgorithm: UInt8 = 0x24
    /// The algorithm of the key in the client's certificate.
    package static let keyAlgorithm: UInt8 = 0x25
    /// The client's certificate, DER.
    package static let clientCertificate: UInt8 = 0x28
}
