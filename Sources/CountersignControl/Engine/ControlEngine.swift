package import CountersignControlModel
import CountersignIssuance
import CountersignTransport
package import Logging
import Synchronization

/// The control plane: domains, routes, who may call them, and what everything is called.
///
/// It speaks no HTTP. Changes are made one after the other on a thread of its own: each is checked against all records,
/// written to the store, and only then seen by readers and told to routers. Readers never wait for a change.
package final class ControlEngine: Sendable {
    /// Takes the result of a change, on the thread that makes changes.
    package typealias Completion<Value> = @Sendable (Result<Value, ControlError>) -> Void

    package let settings: ControlSettings
    package let store: any ControlStore
    package let logger: Logger
    private let present: Mutex<ControlState>
    private let changing = BackgroundWork(name: "control", maximumThreads: 1, limit: 10_000)
    private let listener = Mutex<(@Sendable () -> Void)?>(nil)

    /// Takes up what the store holds.
    ///
    /// - Throws: ``ControlError`` when the store cannot be read.
    package init(settings: ControlSettings, store: any ControlStore, logger: Logger) throws(ControlError) {
        self.settings = settings
        self.store = store
        self.logger = logger
        do throws(StoreError) {
            self.present = Mutex(ControlState(try store.load()))
        } catch {
            throw ControlError(error)
        }
    }

    /// Everything as it is now.
    package var state: ControlState { present.withLock { $0 } }

    /// Has it told, on the thread that makes changes, when something has changed; it must not block.
    package func observe(_ body: @escaping @Sendable () -> Void) {
        listener.withLock { $0 = body }
    }

    /// Makes a change.
    ///
    /// - Parameters:
    ///   - action: what the audit trail calls it, as `route.create`.
    ///   - caller: who makes it.
    ///   - plan: works out what changes, on the thread that makes changes, or says why nothing does.
    ///   - completion: takes the result once the store has it.
    func change<Value: Sendable>(
        _ action: String,
        by caller: ControlCaller,
        _ plan: @escaping @Sendable (EditContext) throws(ControlError) -> ControlEdit<Value>,
        completion: @escaping Completion<Value>
    ) {
        let isTaken = changing.run { [self] in
            do throws(ControlError) {
                let value = try make(action, by: caller, plan)
                // Told before the caller is: who has the answer can rely on routers being told.
                listener.withLock { $0 }?()
                completion(.success(value))
            } catch {
                completion(.failure(error))
            }
        }
        if !isTaken { completion(.failure(.unavailable("too many changes are waiting; try again"))) }
    }

    private func make<Value: Sendable>(
        _ action: String,
        by caller: ControlCaller,
        _ plan: (EditContext) throws(ControlError) -> ControlEdit<Value>
    ) throws(ControlError) -> Value {
        let now = settings.now()
        let (edit, version) = try planned(plan, now)
        let single = TrailLine(action: action, target: edit.target, detail: edit.detail)
        let trail = edit.trail.isEmpty ? [single] : edit.trail
        let transaction = ControlTransaction(
            version: version,
            puts: edit.puts,
            deletes: edit.deletes,
            audit: trail.map { line in
                AuditRecord(
                    date: now,
                    actor: caller.name,
                    address: caller.address,
                    action: line.action,
                    target: line.target,
                    outcome: .done,
                    detail: line.detail
                )
            }
        )
        guard !transaction.puts.isEmpty || !transaction.deletes.isEmpty else { return edit.value }
        do throws(StoreError) {
            try store.commit(transaction)
        } catch {
            logger.error("the control plane cannot be written", metadata: ["reason": "\(error)"])
            throw ControlError(error)
        }
        present.withLock { $0.apply(transaction) }
        return edit.value
    }

    /// Works the change out; the copy of everything is let go of before it is changed, which would copy it whole else.
    private func planned<Value: Sendable>(
        _ plan: (EditContext) throws(ControlError) -> ControlEdit<Value>,
        _ now: Int64
    ) throws(ControlError) -> (ControlEdit<Value>, version: Int64) {
        let state = self.state
        let version = state.version + 1
        let context = EditContext(state: state, now: now, version: version, settings: settings)
        return (try plan(context), version)
    }
}
