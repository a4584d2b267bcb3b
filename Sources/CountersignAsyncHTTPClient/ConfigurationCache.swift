#if AsyncHTTPClient
    import CountersignNIO
    import CountersignService
    import NIOCore
    import NIOSSL
    import Synchronization

    /// The TLS configuration of the present identity and edition: one value for all its requests, as the client's pools are found by it.
    final class ConfigurationCache: Sendable {
        private struct Held {
            let generation: UInt64
            let edition: UInt64
            let configuration: TLSConfiguration
        }

        private let source: IdentitySource
        private let edition: ClientEdition
        private let checksHostName: Bool
        private let held = Mutex<Held?>(nil)

        init(_ source: IdentitySource, _ edition: ClientEdition, checksHostName: Bool) {
            self.source = source
            self.edition = edition
            self.checksHostName = checksHostName
        }

        func current() throws -> TLSConfiguration {
            let (generation, edition) = (source.generation, edition.number)
            if let held = held.withLock({ $0 }), held.generation == generation, held.edition == edition {
                return held.configuration
            }
            var configuration = try source.current.nioClientConfiguration()
            if checksHostName { configuration.certificateVerification = .fullVerification }
            // Pools of different configurations are different ones, and this difference matters to nobody else.
            configuration.shutdownTimeout = .seconds(5) + .nanoseconds(Int64(edition % 1_000_000))
            held.withLock {
                $0 = Held(generation: generation, edition: edition, configuration: configuration)
            }
            return configuration
        }
    }
#endif
