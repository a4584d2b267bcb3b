package import CountersignTLS
package import CountersignTransport

/// The TLS of a server: a context that is asked for anew for each connection, so that it can be replaced live.
package struct ServerTLS: Sendable {
    let context: @Sendable () -> TLSContext?
    let onFailure: @Sendable (SocketAddress, TLSFailure) -> Void

    /// Asks a closure for the context of each connection.
    ///
    /// - Parameters:
    ///   - context: runs on an event loop and must not block; with `nil` the connection is refused.
    ///   - onFailure: told of each handshake that failed, and of each open connection whose client is no longer
    ///     accepted; runs on an event loop and must not block.
    package init(
        context: @escaping @Sendable () -> TLSContext?,
        onFailure: @escaping @Sendable (SocketAddress, TLSFailure) -> Void = { _, _ in }
    ) {
        self.context = context
        self.onFailure = onFailure
    }

    /// Takes the context of each connection from a holder.
    package init(
        _ holder: TLSContextHolder,
        onFailure: @escaping @Sendable (SocketAddress, TLSFailure) -> Void = { _, _ in }
    ) {
        self.init(context: { holder.current }, onFailure: onFailure)
    }
}
