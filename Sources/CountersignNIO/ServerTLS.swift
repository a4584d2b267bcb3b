import CountersignPKI
public import CountersignService
public import NIOCore
import NIOSSL

/// The server's side of mutual TLS for channels of NIO: each handshake shows the identity that the source has at that moment.
///
/// A connection whose handshake takes too long is closed, and so is one whose client is good no more: when its certificate ends or
/// is revoked, or the bundle no longer vouches for it.
///
/// ```swift
/// let tls = ServerTLS(source)
/// let server = try await ServerBootstrap(group: group).bind(host: "0.0.0.0", port: 8443) { channel in
///     channel.eventLoop.makeCompletedFuture {
///         try tls.addHandlers(to: channel)
///         …
///     }
/// }
/// ```
public struct ServerTLS: Sendable {
    /// What is asked of clients.
    public struct ClientCertificates: Sendable {
        let requirement: PeerRequirement
        let isRequired: Bool

        /// A certificate that the trust bundle vouches for is needed; without one the handshake fails.
        ///
        /// - Parameter requirement: who its holder has to be.
        public static func required(_ requirement: PeerRequirement = .anyone) -> ClientCertificates {
            ClientCertificates(requirement: requirement, isRequired: true)
        }

        /// A certificate is asked for: one that is not good fails the handshake, and without one the client is nobody.
        ///
        /// - Parameter requirement: who its holder has to be.
        public static func optional(_ requirement: PeerRequirement = .anyone) -> ClientCertificates {
            ClientCertificates(requirement: requirement, isRequired: false)
        }
    }

    /// Judges clients.
    public let verifier: PeerVerifier
    private let needsPeer: Bool
    private let handshakeTimeout: Duration
    private let contexts: ContextCache

    /// Makes what connections share.
    ///
    /// - Parameters:
    ///   - source: the identity to show, and the trust bundle that vouches for clients.
    ///   - clients: what is asked of clients.
    ///   - applicationProtocols: the protocols of ALPN, the preferred first; with none, it is not spoken.
    ///   - handshakeTimeout: how long the handshake of a connection may take before it is closed.
    public init(
        _ source: IdentitySource,
        clients: ClientCertificates = .required(),
        applicationProtocols: [String] = [],
        handshakeTimeout: Duration = .seconds(10)
    ) {
        self.verifier = PeerVerifier(source, purpose: .client, requirement: clients.requirement)
        let isRequired = clients.isRequired
        self.needsPeer = isRequired
        self.handshakeTimeout = handshakeTimeout
        self.contexts = ContextCache(source) { identity in
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try identity.nioCertificateChain(),
                privateKey: try identity.nioPrivateKey()
            )
            configuration.allowModernTLSAlone()
            // NIOSSL asks the verifier below in these modes alone.
            configuration.certificateVerification =
                isRequired
                ? .noHostnameVerification
                : .optionalVerification
            configuration.trustRoots = try identity.nioTrustRoots()
            configuration.sendCANameList = true
            configuration.applicationProtocols = applicationProtocols
            return configuration
        }
    }

    /// Adds the handlers to a channel that was accepted, at the end of its pipeline; call it first.
    ///
    /// - Parameter channel: the channel; the caller is on its event loop.
    /// - Throws: `NIOSSLError` when the identity cannot be used.
    public func addHandlers(to channel: any Channel) throws {
        let peer = PeerHandler(verifier, needsPeer: needsPeer, handshakeTimeout: handshakeTimeout)
        let tls = NIOSSLServerHandler(
            context: try contexts.context(),
            customVerificationCallbackWithMetadata: { peer.judge($0, $1) }
        )
        try channel.pipeline.syncOperations.addHandlers(tls, peer)
    }
}
