import CountersignService
import NIOSSL
import Synchronization

/// The TLS context of the present identity: made anew for each, so that nothing is resumed across a rotation.
final class ContextCache: Sendable {
    private let source: IdentitySource
    private let configure: @Sendable (WorkloadIdentity) throws -> TLSConfiguration
    private let held = Mutex<(generation: UInt64, context: NIOSSLContext)?>(nil)

    init(_ source: IdentitySource, _ configure: @escaping @Sendable (WorkloadIdentity) throws -> TLSConfiguration) {
        self.source = source
        self.configure = configure
    }

    /// The context for the next handshake.
    func context() throws -> NIOSSLContext {
        let generation = source.generation
        if let held = held.withLock({ $0 }), held.generation == generation { return held.context }
        let context = try NIOSSLContext(configuration: try configure(source.current))
        held.withLock { $0 = (generation, context) }
        return context
    }
}
