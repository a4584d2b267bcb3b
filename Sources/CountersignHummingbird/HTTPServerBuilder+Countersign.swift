#if Hummingbird
    public import CountersignNIO
    public import HummingbirdCore
    import Logging
    import NIOCore

    extension HTTPServerBuilder {
        /// An HTTP/1.1 server with mutual TLS: each handshake shows the identity that the source has at that moment.
        ///
        /// ```swift
        /// let app = Application(router: router, server: .countersign(ServerTLS(source)))
        /// ```
        ///
        /// - Parameters:
        ///   - tls: the server's identity, what is asked of clients, and how long a handshake may take.
        ///   - configuration: what Hummingbird's own server takes: idle timeout, further handlers, bounds of headers.
        public static func countersign(
            _ tls: ServerTLS,
            configuration: HTTP1Channel.Configuration = HTTP1Channel.Configuration()
        ) -> HTTPServerBuilder {
            HTTPServerBuilder { responder in
                CountersignChannel(base: HTTP1Channel(responder: responder, configuration: configuration), tls: tls)
            }
        }
    }

    /// Adds the handlers of mutual TLS before those of HTTP.
    struct CountersignChannel<Base: ServerChildChannel>: ServerChildChannel {
        let base: Base
        let tls: ServerTLS

        func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
            channel.eventLoop.makeCompletedFuture { try tls.addHandlers(to: channel) }
                .flatMap { base.setup(channel: channel, logger: logger) }
        }

        func handle(value: Base.Value, logger: Logger) async {
            await base.handle(value: value, logger: logger)
        }
    }
#endif
