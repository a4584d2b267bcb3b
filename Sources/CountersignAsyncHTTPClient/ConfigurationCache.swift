#if AsyncHTTPClient
    import CountersignNIO
    import CountersignService
    import NIOSSL
    import Synchronization

    /// The TLS configuration of the present identity: one value for all its requests, as the client's pools are found by it.
    final class ConfigurationCache: Sendable {
        private let source: IdentitySource
        private let checksHostName: Bool
        private let held = Mutex<(generation: UInt64, configuration: TLSConfiguration)?>(nil)

        init(_ source: IdentitySource, checksHostName: Bool) {
            self.source = source
            self.checksHostName = checksHostName
        }

        func current() throws -> TLSConfiguration {
            let generation = source.generation
            if let held = held.withLock({ $0 }), held.generation == generation { return held.configuration }
            var configuration = try source.current.nioClientConfiguration()
            if checksHostName { configuration.certificateVerification = .fullVerification }
            held.withLock { $0 = (generation, configuration) }
            return configuration
        }
    }
#endif
