#if Hummingbird
    public import CountersignMiddleware
    public import Hummingbird
    public import NIOCore

    /// A request context that knows who calls.
    ///
    /// ``InboundMiddleware`` fills in ``caller``; routes read it. ``BasicCallerContext`` is one that is ready; a context of one's own
    /// keeps the channel of its source:
    ///
    /// ```swift
    /// struct MyContext: CallerContext {
    ///     var coreContext: CoreRequestContextStorage
    ///     let channel: any Channel
    ///     var caller: InboundCaller?
    ///     init(source: Source) {
    ///         coreContext = .init(source: source)
    ///         channel = source.channel
    ///     }
    /// }
    /// ```
    public protocol CallerContext: RequestContext {
        /// The connection that the request came over.
        var channel: any Channel { get }
        /// Who makes the request; nil before the middleware, and for paths that are served without anything nobody in particular.
        var caller: InboundCaller? { get set }
    }

    /// A request context with the caller and nothing else.
    public struct BasicCallerContext: CallerContext {
        /// What the framework keeps.
        public var coreContext: CoreRequestContextStorage
        /// The connection that the request came over.
        public let channel: any Channel
        /// Who makes the request.
        public var caller: InboundCaller?

        /// Makes the context of a request.
        ///
        /// - Parameter source: what the framework has.
        public init(source: ApplicationRequestContextSource) {
            self.coreContext = CoreRequestContextStorage(source: source)
            self.channel = source.channel
        }
    }
#endif
