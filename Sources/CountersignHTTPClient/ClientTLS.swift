package import CountersignPKI
package import CountersignTLS

/// The TLS of a client: whom it trusts to be the server, and who it is itself.
package struct ClientTLS: Sendable {
    let context: TLSContext
    let serverName: String?

    /// Uses a context, whose verifier decides about names too; `serverName` is the server name indication, nil for the
    /// endpoint's host when that is a name.
    package init(context: TLSContext, serverName: String? = nil) {
        self.context = context
        self.serverName = serverName
    }

    /// Verifies the server by trusted authorities and a name.
    ///
    /// - Parameters:
    ///   - verifier: whom to trust, for the purpose `server`.
    ///   - name: what the server's certificate must carry: a DNS name, an address, a SPIFFE ID or a trust domain.
    ///   - identity: this client's certificate; without one none is presented.
    ///   - serverName: the server name indication; by default the endpoint's host when it is a name.
    /// - Throws: `TLSError` when the identity cannot be used.
    package init(
        verifier: ChainVerifier,
        expecting name: PeerNameRequirement,
        identity: TLSIdentity? = nil,
        serverName: String? = nil
    ) throws(TLSError) {
        let judge = LiveChainVerifier(verifier, expecting: name, cachedChains: 8)
        self.init(context: try TLSContext(client: identity, verifier: judge), serverName: serverName)
    }
}
