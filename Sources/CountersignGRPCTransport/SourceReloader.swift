#if GRPC
    import CountersignNIO
    public import CountersignService
    public import NIOCertificateReloading
    public import NIOSSL

    /// An identity source as the reloader that grpc-swift and other libraries on NIO take: asked once in each handshake.
    public struct SourceReloader: CertificateReloader {
        private let source: IdentitySource

        /// Makes a reloader.
        ///
        /// - Parameter source: the identity to show.
        public init(_ source: IdentitySource) {
            self.source = source
        }

        /// Chain and key of the present identity; nothing when BoringSSL cannot read them, so that the one before stays.
        public var sslContextConfigurationOverride: NIOSSLContextConfigurationOverride {
            var override = NIOSSLContextConfigurationOverride()
            let identity = source.current
            if let chain = try? identity.nioCertificateChain(), let key = try? identity.nioPrivateKey() {
                override.certificateChain = chain
                override.privateKey = key
            }
            return override
        }
    }
#endif
