package import NIOCore
import NIOSSL

extension PeerHandler {
    /// Adds the handler behind the TLS handler of a connection that a library has set up.
    ///
    /// - Parameter channel: the connection; the caller is on its event loop.
    /// - Throws: `ChannelPipelineError` when there is no TLS handler.
    package func insert(into channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(self, position: .after(try pipeline.handler(type: NIOSSLHandler.self)))
    }
}
