import Synchronization

/// The context that new connections of a listener use, replaced while the listener runs.
///
/// Open connections keep what they began with. Tickets are of their context, so after a replacement every client makes
/// a full handshake once.
package final class TLSContextHolder: Sendable {
    private let state: Mutex<TLSContext?>

    /// Takes the first context.
    ///
    /// - Parameter context: `nil` when there is no identity yet: connections are refused until there is one.
    package init(_ context: TLSContext?) {
        self.state = Mutex(context)
    }

    /// The context for the next connection.
    package var current: TLSContext? {
        state.withLock { $0 }
    }

    /// Has new connections use another context, or refuses them with `nil`.
    package func replace(_ context: TLSContext?) {
        state.withLock { $0 = context }
    }
}
