/// An answer that is written bit by bit, from any thread, for as long as the client stays.
///
/// Whoever produces it holds on to it: let go of before ``finish()``, the connection is cut, so that the client does not
/// take what it has for the whole.
package final class ResponseStream: Sendable {
    private let core: StreamCore

    init(_ core: StreamCore) {
        self.core = core
    }

    deinit {
        core.abandon()
    }

    /// Whether what is written has a chance to arrive.
    package var isOpen: Bool { core.isOpen }

    /// Sends bytes, which wait in memory until the client takes them.
    ///
    /// - Returns: `false` when the stream has ended, or ends now because the client has left too many bytes untaken.
    @discardableResult
    package func write(_ bytes: [UInt8]) -> Bool {
        core.write(bytes)
    }

    /// Says that nothing more comes; what was written is still sent.
    package func finish() {
        core.finish()
    }
}
