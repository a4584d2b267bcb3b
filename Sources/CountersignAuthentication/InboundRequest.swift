package import CountersignIdentity
package import CountersignPKI

/// The request that is judged, as far as that needs it.
package struct InboundRequest {
    /// The address at the other end of the connection: the proxy's, where there is one.
    package var peer: IPAddress
    /// The method.
    package var method: String
    /// The host that is called, with a port or without.
    package var host: String
    /// The path with its query, as the caller sent it.
    package var target: String
    /// The client of the connection, where TLS ends in this process, as it is judged now; nil when it showed no certificate.
    package var client: Result<VerifiedPeer, ChainRejection>?
    /// The certificate in DER that the connection's client showed, also one that counts no more.
    ///
    /// It is for what is kept of a refusal, and proves nothing.
    package var shownCertificate: [UInt8]?
    /// The values of all header fields of a name, compared without case.
    package var values: (String) -> [String]

    /// Takes the parts.
    package init(
        peer: IPAddress,
        method: String,
        host: String,
        target: String,
        client: Result<VerifiedPeer, ChainRejection>? = nil,
        shownCertificate: [UInt8]? = nil,
        values: @escaping (String) -> [String]
    ) {
        self.peer = peer
        self.method = method
        self.host = host
        self.target = target
        self.client = client
        self.shownCertificate = shownCertificate
        self.values = values
    }

    /// The path without its query.
    package var path: String { String(target.prefix { $0 != "?" }) }
}
