import CountersignAuthority
import CountersignControl
import CountersignHTTPServer
import CountersignIssuance
import CountersignStore
import Glibc
import Logging

/// The control plane of routers as a part of an authority: its store, its API and its feed.
final class AuthorityControl: Sendable {
    /// The API, for the listeners of the admin API.
    let adminRoutes: RouteList
    /// What routers follow, for the native listener.
    let feedRoutes: RouteList
    private let surface: ControlSurface
    private let store: SQLiteControlStore
    private let broadcast: RoutingBroadcast

    /// Opens the store and begins to serve.
    ///
    /// - Throws: `StoreError` when the store cannot be used, or is not there and is not to be made; `ControlError`.
    init(_ options: ControlPlaneOptions, engine authority: AuthorityEngine) throws {
        let store = try Self.open(options, authority.logger)
        self.store = store
        let engine = try ControlEngine(settings: options.settings, store: store, logger: authority.logger)
        let gate = AuthorityControlGate(engine: authority)
        let broadcast = RoutingBroadcast(engine: engine, gate: gate)
        self.broadcast = broadcast
        self.surface = ControlSurface(engine: engine, gate: gate)
        self.adminRoutes = surface.routes
        self.feedRoutes = broadcast.routes
    }

    /// The answer for a path or method of the API that there is not; nil for other paths.
    static func fault(_ request: ServerRequest, _ fault: RouteFault) -> ServerResponse? {
        ControlSurface.fault(request, fault)
    }

    /// Has a listener of the API take changes as large as the API does, and refuse larger ones in its words.
    func bound(_ settings: inout HTTPServerSettings) {
        let common = settings.answerToLargeContent
        settings.limitOfLargeContent = { [surface] in surface.contentLimit($0) }
        settings.answerToLargeContent = { ControlSurface.answerToLargeContent($0, $1) ?? common($0, $1) }
    }

    /// Closes the store; the listeners have ended.
    func stop() {
        store.close()
    }

    private static func open(_ options: ControlPlaneOptions, _ logger: Logger) throws(StoreError) -> SQLiteControlStore
    {
        let path = options.path
        if unsafe access(path, F_OK) != 0 {
            // Nothing tells a first start from a volume that is not there, and routers would drop every route.
            guard options.create else {
                throw StoreError(
                    .unavailable,
                    """
                    there is no control plane at \(path). If there has been one, bring it back: without it routers have no \
                    routes and no policies. Only for a new one, set authority.control.create: true
                    """
                )
            }
            logger.warning("a new, empty control plane was made", metadata: ["path": .string(path)])
        }
        return try SQLiteControlStore(path: path)
    }
}
