import CountersignControl
import CountersignControlModel
import CountersignPolicy
import CountersignTransport
import Logging
import Synchronization
import Testing

/// An engine over a store in memory, whose changes are waited for.
struct TestPlane {
    let store = MemoryControlStore()
    let engine: ControlEngine
    let caller = ControlCaller(name: "tester")

    init(isBilateral: Bool = false) throws {
        let guids = Mutex(0)
        var settings = ControlSettings(
            now: { 1_000 },
            makeGUID: {
                guids.withLock { count in
                    count += 1
                    return "guid-\(count)"
                }
            }
        )
        settings.isBilateral = isBilateral
        engine = try ControlEngine(settings: settings, store: store, logger: Logger(label: "test"))
    }

    func domain(_ name: String = "x.internal", _ scope: RoutePolicyScope? = .any) throws -> String {
        var draft = DomainDraft(name: name)
        draft.policyScope = scope
        return try wait { engine.create(draft, by: caller, completion: $0) }.header.guid
    }

    func route(_ domain: String, _ host: String, path: String = "") throws -> String {
        var draft = RouteDraft(domain: domain)
        draft.host = host
        draft.path = path
        return try wait { engine.create(draft, by: caller, completion: $0) }.header.guid
    }

    @discardableResult
    func policy(_ route: String, _ source: String, _ side: PolicyRecord.Side = .route) throws -> String {
        let draft = PolicyDraft(side: side, source: source, route: route)
        return try wait { engine.create(draft, by: caller, completion: $0) }.header.guid
    }

    func deletePolicy(_ guid: String, _ side: PolicyRecord.Side = .route) throws {
        try wait { engine.deletePolicy(guid, side, by: caller, completion: $0) }
    }

    /// Waits for a change.
    @discardableResult
    func wait<Value: Sendable>(_ body: (@escaping ControlEngine.Completion<Value>) -> Void) throws -> Value {
        let done = SystemSemaphore()
        let result = Mutex<Result<Value, ControlError>?>(nil)
        body { value in
            result.withLock { $0 = value }
            done.signal()
        }
        #expect(done.wait(upTo: .seconds(60)))
        return try #require(result.withLock { $0 }).get()
    }
}
