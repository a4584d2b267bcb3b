public import CountersignIdentity
public import CountersignPKI

/// The request that is judged, as far as that needs it.
public struct InboundCall {
    /// The address at the other end of the connection: the proxy's, where there is one; nil where it has none.
    public var address: IPAddress?
    /// The method.
    public var method: String
    /// The host that is called, with a port or without.
    public var host: String
    /// The path with its query, as the caller sent it.
    public var target: String
    /// The client of the connection, where TLS ends in this process, as it is judged now; nil when it showed no certificate.
    public var client: Result<VerifiedPeer, ChainRejection>?
    /// The client of the connection as the handshake found it, whatever is thought of it now.
    ///
    /// It is for what is kept of a refusal, which names the certificate by it, and proves nothing.
    public var shown: VerifiedPeer?
    /// The names of all header fields, as they were sent.
    public var fieldNames: [String]
    /// The values of all header fields of a name, compared without case.
    public var values: (String) -> [String]

    /// Takes the parts.
    ///
    /// - Parameters:
    ///   - address: the address at the other end of the connection.
    ///   - method: the method.
    ///   - host: the host that is called.
    ///   - target: the path with its query.
    ///   - client: the client of the connection, where TLS ends in this process.
    ///   - shown: this client as the handshake found it, whatever is thought of it now.
    ///   - fieldNames: the names of all header fields, as they were sent.
    ///   - values: the values of all header fields of a name.
    public init(
        address: IPAddress?,
        method: String,
        host: String,
        target: String,
        client: Result<VerifiedPeer, ChainRejection>? = nil,
        shown: VerifiedPeer? = nil,
        fieldNames: [String],
        values: @escaping (String) -> [String]
    ) {
        self.address = address
        self.method = method
        self.host = host
        self.target = target
        self.client = client
        self.shown = shown
        self.fieldNames = fieldNames
        self.values = values
    }
}
