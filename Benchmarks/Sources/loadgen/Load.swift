/// Runs a plan on one thread: as many slots as connections, each busy with its exchanges.
final class Load {
    /// No server gets longer than this for its first answer on every connection: 10,000 handshakes take some half a minute.
    private static let openingLimit: UInt64 = 120_000_000_000

    private let plan: LoadPlan
    /// `nil` for a load over plain HTTP.
    private let tls: ClientTLS?
    private var readiness: Readiness
    private var slots: [(any Connection)?]
    private var figures = Figures()
    private var pacer: Pacer?

    /// Whether an answered slot begins its next unit of work by itself.
    private var isClosedLoop = false
    private let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 65_536)

    init(plan: LoadPlan, tls: ClientTLS?) throws {
        self.plan = plan
        self.tls = tls
        readiness = try Readiness()
        slots = Array(repeating: nil, count: plan.connections)
    }

    deinit {
        buffer.deallocate()
    }

    /// Opens every connection and has one request answered on each; any failure here ends the load.
    ///
    /// One is answered before the others start, so that in a load of resumptions each of them has a ticket; those follow
    /// in groups of as many as the plan opens at once.
    func open() throws {
        let others = stride(from: 1, to: slots.count, by: plan.opening)
        for group in [0..<1] + others.map({ $0..<min(slots.count, $0 + plan.opening) }) {
            for slot in group {
                try connect(slot)
            }
            let limit = MonotonicTime.now() + Self.openingLimit
            while !group.allSatisfy({ slots[$0]?.isFree == true }) {
                guard MonotonicTime.now() < limit else { throw LoadError("no answer within 120 s of connecting") }
                try step(until: limit)
                if let reason = figures.firstError { throw LoadError(reason) }
            }
        }
    }

    /// Keeps the load up for a time.
    func run(seconds: Double) throws {
        let start = MonotonicTime.now()
        let end = start + UInt64(seconds * 1e9)
        pacer = plan.rate.map { Pacer(rate: $0, start: start) }
        isClosedLoop = plan.rate == nil
        if isClosedLoop {
            for slot in slots.indices where slots[slot]?.isFree ?? true {
                try begin(slot, at: start)
            }
        }
        while MonotonicTime.now() < end {
            try startWhatIsDue()
            try step(until: min(end, nextDue ?? end))
        }
        figures.stop()
        countUnanswered(at: MonotonicTime.now())
    }

    /// Waits for the answers that are still to come, so that what is measured next is nobody else's.
    func settle() throws {
        (isClosedLoop, pacer) = (false, nil)
        let limit = MonotonicTime.now() + Self.openingLimit
        while slots.contains(where: { $0?.isFree == false }) {
            guard MonotonicTime.now() < limit else { throw LoadError("no answer within 120 s of the warm-up") }
            try step(until: limit)
        }
    }

    /// What is due at a fixed rate and has no answer at the end has waited until then, at least: without it, the slowest
    /// would be left out.
    private func countUnanswered(at end: UInt64) {
        guard pacer != nil else { return }
        for case .some(let connection) in slots where !connection.isFree {
            figures.leaveUnanswered(after: end &- connection.startedAt)
        }
        while let due = pacer?.take(at: end) {
            figures.leaveUnanswered(after: end &- due)
        }
    }

    /// Forgets what was counted so far.
    func resetFigures() {
        figures = Figures()
    }

    func report() -> Report {
        Report(plan: plan, figures: figures)
    }

    private var nextDue: UInt64? {
        // With every connection busy, only an answer can let a due request go.
        slots.contains { $0?.isFree == true } ? pacer?.nextDue : nil
    }

    private func startWhatIsDue() throws {
        guard pacer != nil else { return }
        for slot in slots.indices where slots[slot]?.isFree ?? true {
            guard let due = pacer?.take(at: MonotonicTime.now()) else { return }
            try begin(slot, at: due)
        }
    }

    /// Waits for sockets, and does what they allow.
    private func step(until limit: UInt64) throws {
        let now = MonotonicTime.now()
        var ready: [Int] = []
        try readiness.wait(nanoseconds: limit > now ? limit - now : 0, into: &ready)
        for slot in ready {
            try serve(slot)
        }
    }

    private func serve(_ slot: Int) throws {
        while let connection = slots[slot] {
            do {
                guard try connection.advance(plan, buffer: buffer) == .answered else { return }
            } catch let error as LoadError {
                figures.fail(error)
                connection.socket.close()
                slots[slot] = nil
                if isClosedLoop { try connect(slot) }
                return
            }
            let now = MonotonicTime.now()
            figures.answer(
                after: now - connection.startedAt,
                on: connection.socket,
                opensConnections: plan.mode != .keepalive
            )
            guard isClosedLoop else {
                // Answers to other requests of the connection may have come with this one.
                if connection.isFree { return }
                continue
            }
            guard plan.mode == .keepalive else { return try reconnect(slot) }
            connection.start(at: now)
        }
    }

    /// Begins a unit of work in a free slot: a request on its connection, or a connection of its own.
    private func begin(_ slot: Int, at time: UInt64) throws {
        guard plan.mode == .keepalive, let connection = slots[slot] else { return try reconnect(slot) }
        connection.start(at: time)
        try serve(slot)
    }

    private func reconnect(_ slot: Int) throws {
        slots[slot]?.socket.close()
        try connect(slot)
    }

    private func connect(_ slot: Int) throws {
        let now = MonotonicTime.now()
        let target = plan.targets[slot % plan.targets.count]
        let socket = try openSocket(to: target)
        slots[slot] = connection(over: socket, to: target, at: now)
        try readiness.add(socket.descriptor, slot: slot)
    }

    private func openSocket(to target: Target) throws -> any LoadSocket {
        guard let tls else { return try PlainSocket(plan: plan) }
        return try TLSSocket(plan: plan, serverName: target.serverName, tls: tls)
    }

    private func connection(over socket: any LoadSocket, to target: Target, at time: UInt64) -> any Connection {
        guard let streams = plan.streams else {
            return HTTP1Connection(socket: socket, request: target.request, startedAt: time)
        }
        return HTTP2Connection(socket: socket, request: plan.http2Request, streams: streams, startedAt: time)
    }
}
