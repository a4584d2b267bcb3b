import CountersignIssuance
import CountersignStore
import Dispatch
import Glibc
import Synchronization
import Testing

/// When the writer waits for company, and when it does not.
@Suite struct GroupCommitTests {
    @Test func `under load the writer waits for company between two groups`() throws {
        let folder = try StoreFolder()
        let scene = Scene()
        let store = try folder.open { scene.observe(&$0) }
        scene.whenGathering { turn in if turn == 1 { scene.commit(8, to: store) } }
        try scene.run(store, crowd: 8, waitingFor: 17)
        store.close()
        #expect(scene.groups == [1, 8, 8])
        #expect(scene.gatherings == 3)
    }

    @Test func `it waits no longer than it may, however many come`() throws {
        let folder = try StoreFolder()
        let scene = Scene()
        let store = try folder.open { options in
            scene.observe(&options)
            options.patience = 3
        }
        scene.whenGathering { turn in if turn <= 5 { scene.commit(2, to: store) } }
        try scene.run(store, crowd: 8, waitingFor: 19)
        store.close()
        #expect(scene.groups == [1, 8, 6, 4])
        #expect(scene.gatherings == 7)
    }

    @Test func `it does not wait for those that come one by one`() throws {
        let folder = try StoreFolder()
        let scene = Scene()
        let store = try folder.open { scene.observe(&$0) }
        scene.whenGathering { _ in scene.commit(1, to: store) }
        try scene.run(store, crowd: 8, waitingFor: 10)
        store.close()
        #expect(scene.groups == [1, 8, 1])
        #expect(scene.gatherings == 1)
    }

    @Test func `with company enough waiting already, the writer goes on at once`() throws {
        let folder = try StoreFolder()
        let scene = Scene()
        let store = try folder.open { options in
            scene.observe(&options)
            options.company = 8
        }
        scene.whenLogged { size, turn in if size == 8, turn == 2 { scene.commit(8, to: store) } }
        try scene.run(store, crowd: 8, waitingFor: 17)
        store.close()
        #expect(scene.groups == [1, 8, 8])
        #expect(scene.gatherings == 1)
    }

    @Test func `transactions that come alone, or with few others, never wait`() throws {
        let folder = try StoreFolder()
        let scene = Scene()
        let store = try folder.open { scene.observe(&$0) }
        try scene.run(store, crowd: 3, waitingFor: 4)
        for number in 100..<105 { try store.commit(StoreTransaction([.issue(.numbered(number))])) }
        store.close()
        #expect(scene.groups == [1, 3, 1, 1, 1, 1, 1])
        #expect(scene.gatherings == 0)
    }
}

/// A store whose first group is held up at the disk until a crowd waits behind it.
private final class Scene: Sendable {
    private struct State {
        var groups: [Int] = []
        var gatherings = 0
        var next = 1
        var onGather: (@Sendable (Int) -> Void)?
        var onLog: (@Sendable (Int, Int) -> Void)?
    }

    private let state = Mutex(State())
    private let gate = DispatchSemaphore(value: 0)
    private let outcomes = Outcomes()

    var groups: [Int] { state.withLock { $0.groups } }
    var gatherings: Int { state.withLock { $0.gatherings } }

    func whenGathering(_ body: @escaping @Sendable (_ turn: Int) -> Void) { state.withLock { $0.onGather = body } }
    func whenLogged(_ body: @escaping @Sendable (_ size: Int, _ turn: Int) -> Void) {
        state.withLock { $0.onLog = body }
    }

    func observe(_ options: inout SQLiteStoreOptions) {
        options.observer = { stage in
            guard case .logged(let changes, _) = stage else { return }
            let (turn, body) = self.state.withLock { state in
                state.groups.append(changes)
                return (state.groups.count, state.onLog)
            }
            if turn == 1 { self.gate.wait() }
            body?(changes, turn)
        }
        options.gather = {
            let (turn, body) = self.state.withLock { state in
                state.gatherings += 1
                return (state.gatherings, state.onGather)
            }
            body?(turn)
        }
    }

    func commit(_ count: Int, to store: SQLiteStore) {
        let first = state.withLock { state in
            defer { state.next += count }
            return state.next
        }
        for number in first..<(first + count) {
            store.commit(StoreTransaction([.issue(.numbered(number))])) { self.outcomes.add(number, $0) }
        }
    }

    func run(_ store: SQLiteStore, crowd: Int, waitingFor count: Int) throws {
        commit(1, to: store)
        while groups.isEmpty { sched_yield() }
        commit(crowd, to: store)
        gate.signal()
        #expect(outcomes.wait(for: count).values.allSatisfy { $0 == nil })
    }
}
