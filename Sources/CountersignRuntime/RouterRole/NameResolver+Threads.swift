import CountersignTelemetry
import CountersignTransport
import Logging
import Synchronization

/// One thread more than there are questions under way waits for what is due, so that none waits for another's answer.
extension NameResolver {
    /// The most questions at a time; beyond, a new name waits until one ends.
    static let maximumThreads = 32
    /// The most questions at a time for names that hold others up.
    private static let maximumSlow = 2
    /// How many threads stay when there is nothing to do.
    private static let maximumIdle = 4

    private enum Step {
        case ask(name: String, isSlow: Bool)
        case wait(Duration)
    }

    /// Wakes as many threads as there is something for, or makes the first one.
    func begin(waking count: Int) {
        guard count > 0 else { return }
        let idle = state.withLock { $0.idle }
        for _ in 0..<min(count, idle) { wakeups.signal() }
        reinforce()
    }

    /// Makes a thread where none is left that waits for what is due.
    private func reinforce() {
        let index = state.withLock { state -> Int? in
            guard state.idle == 0, state.threads < Self.maximumThreads, !state.isStopped else { return nil }
            state.threads += 1
            return state.threads
        }
        guard let index else { return }
        do throws(SystemError) {
            try spawn(name: "names-\(index)") { [self] in run() }
        } catch {
            state.withLock { $0.threads -= 1 }
            logger.error("a thread that asks for names is missing", metadata: ["reason": .string("\(error)")])
        }
    }

    private func run() {
        var step = next(wasIdle: false)
        while let current = step {
            switch current {
            case .wait(let pause): _ = wakeups.wait(upTo: pause)
            case .ask(let name, let isSlow):
                reinforce()
                let start = ContinuousClock.now
                let addresses = lookup(name)
                let told = take(addresses, for: name, after: ContinuousClock.now - start)
                if isSlow { state.withLock { $0.slowCount -= 1 } }
                for tell in told { tell() }
            }
            if case .wait = current { step = next(wasIdle: true) } else { step = next(wasIdle: false) }
        }
    }

    /// What a thread does next; nil when it is to end.
    private func next(wasIdle: Bool) -> Step? {
        let now = UInt64(clamping: MonotonicClock.nanoseconds())
        return state.withLock { state in
            if wasIdle { state.idle -= 1 }
            guard !state.isStopped else { return nil }
            if let step = Self.takeDue(now, &state) { return step }
            guard state.idle < Self.maximumIdle else {
                state.threads -= 1
                return nil
            }
            state.idle += 1
            let slow = state.slowCount < Self.maximumSlow ? state.slowAgenda.next?.due : nil
            let due = [state.agenda.next?.due, slow].compactMap(\.self).min()
            return .wait(due.map { .nanoseconds(Int64(clamping: $0 - min(now, $0))) } ?? .seconds(3600))
        }
    }

    /// The next question, if one is due: first for names that are new.
    private static func takeDue(_ now: UInt64, _ state: inout State) -> Step? {
        while let name = state.fresh.popLast() {
            guard let entry = state.names[name], !entry.isAsked, !entry.wasAsked else { continue }
            state.names[name]?.isAsked = true
            return .ask(name: name, isSlow: false)
        }
        if let name = takeDue(now, from: \.agenda, &state) { return .ask(name: name, isSlow: false) }
        guard state.slowCount < maximumSlow, let name = takeDue(now, from: \.slowAgenda, &state) else { return nil }
        state.slowCount += 1
        return .ask(name: name, isSlow: true)
    }

    private static func takeDue(
        _ now: UInt64,
        from lane: WritableKeyPath<State, NameAgenda>,
        _ state: inout State
    ) -> String? {
        while let first = state[keyPath: lane].next, first.due <= now {
            state[keyPath: lane].removeNext()
            guard state.names[first.name]?.due == first.due else { continue }
            state.names[first.name]?.isAsked = true
            return first.name
        }
        return nil
    }
}
