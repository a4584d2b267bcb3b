import CountersignPKI
public import CountersignService
public import NIOCore
public import NIOSSL

/// The client's side of mutual TLS for channels of NIO: each handshake shows the identity that the source has at that moment.
///
/// A connection whose handshake takes too long is closed, and so is one whose server is good no more: when its certificate ends or
/// is revoked, or the bundle no longer vouches for it.
public struct ClientTLS: Sendable {
    /// Judges servers.
    public let verifier: PeerVerifier
    private let handshakeTimeout: Duration
    private let contexts: ContextCache

    /// Makes what connections to the same kind of server share.
    ///
    /// - Parameters:
    ///   - source: the identity to show, and the trust bundle that vouches for servers.
    ///   - server: who the server has to be; a certificate that the trust bundle vouches for is needed in any case.
    ///   - applicationProtocols: the protocols of ALPN, the preferred first; with none, it is not spoken.
    ///   - handshakeTimeout: how long the handshake of a connection may take before it is closed.
    public init(
        _ source: IdentitySource,
        server: PeerRequirement,
        applicationProtocols: [String] = [],
        handshakeTimeout: Duration = .seconds(10)
    ) {
        self.handshakeTimeout = handshakeTimeout
        self.verifier = PeerVerifier(source, purpose: .server, requirement: server)
        self.contexts = ContextCache(source) { identity in
            var configuration = try identity.nioClientConfiguration()
            configuration.applicationProtocols = applicationProtocols
            return configuration
        }
    }

    /// Adds the handlers to a channel that connects, at the end of its pipeline; call it first.
    ///
    /// - Parameters:
    ///   - channel: the channel; the caller is on its event loop.
    ///   - serverName: the name to tell the server (SNI); nil, or an IP address, tells none.
    /// - Throws: `NIOSSLError` when the identity cannot be used.
    public func addHandlers(to channel: any Channel, serverName: String? = nil) throws {
        let peer = PeerHandler(verifier, needsPeer: true, handshakeTimeout: handshakeTimeout)
        let name = serverName.flatMap { (try? IPAddress(parsing: $0)) == nil ? $0 : nil }
        let tls = try NIOSSLClientHandler(
            context: try contexts.context(),
            serverHostname: name,
            customVerificationCallbackWithMetadata: { peer.judge($0, $1) }
        )
        try channel.pipeline.syncOperations.addHandlers(tls, peer)
    }
}

extension WorkloadIdentity {
    /// The client's configuration for NIOSSL: this identity, the trust bundle alone, modern TLS, any host name.
    ///
    /// BoringSSL then verifies that the bundle vouches for the server, and nothing of who it is; whoever uses it has to.
    ///
    /// - Throws: `NIOSSLError` when BoringSSL cannot read a part of it.
    public func nioClientConfiguration() throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateChain = try nioCertificateChain()
        configuration.privateKey = try nioPrivateKey()
        configuration.trustRoots = try nioTrustRoots()
        configuration.allowModernTLSAlone()
        configuration.certificateVerification = .noHostnameVerification
        return configuration
    }
}
