#if Hummingbird
    public import CountersignNIO
    public import ServiceLifecycle

    /// Keeps an identity source up to date as a service of an application or a service group.
    ///
    /// ```swift
    /// let app = Application(router: router, server: .countersign(ServerTLS(source)), services: [IdentityService(source)])
    /// ```
    public struct IdentityService: Service {
        private let source: IdentitySource

        /// Makes the service.
        ///
        /// - Parameter source: the source to keep up to date.
        public init(_ source: IdentitySource) {
            self.source = source
        }

        /// Works until the group shuts down.
        public func run() async throws {
            try await cancelWhenGracefulShutdown {
                do {
                    try await source.run()
                } catch is CancellationError {}
            }
        }
    }
#endif
