import CountersignHTTP1
import CountersignRouting
import CountersignTLS
import CountersignTransport

/// Asks one endpoint again and again whether it is well, each time over a connection of its own.
///
/// Over TLS the endpoint has to prove who it is as for any request, and the request is sent only then.
final class HealthProbe: ReadinessHandler {
    private enum State {
        case idle
        case connecting
        case handshaking(UpstreamHandshake)
        case asking(UpstreamLink)
    }

    let plan: HealthCheckPlan
    let endpoint: Endpoint
    let target: UpstreamTarget
    private(set) var tally = HealthTally()
    /// Why the last check was not good; empty when it was.
    private(set) var complaint = ""
    private unowned let worker: RouterWorker
    private let checked: (HealthProbe, _ isGood: Bool, _ isChange: Bool) -> Void
    private var state = State.idle
    private var descriptor: Int32 = -1
    private var token = HandlerToken.none
    /// Both when the next check begins and when this one must be over.
    private var timer = HandlerToken.none
    private var nextAt: UInt64 = 0
    private let outbound = ByteQueue()
    private let answer = ByteQueue()

    init(
        _ plan: HealthCheckPlan,
        _ endpoint: Endpoint,
        _ target: UpstreamTarget,
        worker: RouterWorker,
        checked: @escaping (HealthProbe, _ isGood: Bool, _ isChange: Bool) -> Void
    ) {
        self.plan = plan
        self.endpoint = endpoint
        self.target = target
        self.worker = worker
        self.checked = checked
        timer = worker.loop.addTimer(self)
        // Not all at once, and the first of them soon.
        let first = UInt64(worker.random.next(below: Int(max(plan.interval / 10, 1))))
        worker.loop.setDeadline(timer, at: worker.loop.now &+ first)
    }

    /// Ends it; whatever it had found out is gone with it.
    func stop() {
        disconnect()
        worker.loop.remove(timer)
    }

    func deadlinePassed() {
        if case .idle = state { begin() } else { end("no answer in time") }
    }

    func ready(_ readiness: Readiness) {
        switch state {
        case .idle: break
        case .connecting:
            guard readiness.contains(.writable) || readiness.contains(.broken) else { return }
            connected()
        case .handshaking, .asking:
            if readiness.contains(.writable) { flush() }
        }
        if readiness.contains(.readable) { receive() }
    }

    private func begin() {
        nextAt = worker.loop.now &+ plan.interval
        outbound.removeAll()
        answer.removeAll()
        worker.loop.setDeadline(timer, at: worker.loop.now &+ plan.timeout)
        guard let descriptor = try? Socket.connect(to: target.address) else {
            end("cannot be connected to")
            return
        }
        guard let token = worker.loop.add(descriptor, self) else {
            Socket.close(descriptor)
            end("cannot be watched")
            return
        }
        self.descriptor = descriptor
        self.token = token
        state = .connecting
    }

    private func connected() {
        guard Socket.pendingError(of: descriptor) == 0 else {
            end("cannot be connected to")
            return
        }
        guard let security = target.security else {
            guard let permission = PlaintextPermission(for: nil) else { return }
            ask(by: .plain(permission))
            return
        }
        guard let pool = worker.pool(of: endpoint, isKept: false) else { return }
        do throws(UpstreamContexts.Fault) {
            let begun = try worker.upstreamContexts.begin(security, pool, output: worker.upstreamCipher)
            state = .handshaking(begun.handshake)
            unsafe advance(begun.handshake, UnsafeRawBufferPointer(start: nil, count: 0))
        } catch {
            end(error.failure.explanation)
        }
    }

    private func advance(_ handshake: UpstreamHandshake, _ bytes: UnsafeRawBufferPointer) {
        let step = unsafe handshake.advance(bytes)
        takeCiphertext()
        switch step {
        case .needMore: break
        case .failed(let failure): end(UpstreamFailure(failure).explanation)
        case .verified(let upstream):
            worker.upstreamPlain.removeAll()
            _ = upstream.decryptRest(into: worker.upstreamPlain)
            takeCiphertext()
            ask(by: .secure(upstream))
        }
    }

    private func ask(by link: UpstreamLink) {
        state = .asking(link)
        let request = plan.request
        switch link {
        case .none: break
        case .plain: outbound.append(request)
        case .secure(let upstream):
            unsafe request.withUnsafeBytes { unsafe _ = upstream.encrypt($0) }
            takeCiphertext()
        }
        flush()
    }

    private func takeCiphertext() {
        unsafe outbound.append(worker.upstreamCipher.readable)
        worker.upstreamCipher.removeAll()
        flush()
    }

    private func flush() {
        while !outbound.isEmpty {
            guard case .bytes(let count) = unsafe Socket.write(descriptor, outbound.readable) else { return }
            outbound.consume(count)
        }
    }

    private func receive() {
        while true {
            switch state {
            case .idle, .connecting: return
            case .handshaking, .asking: break
            }
            switch unsafe Socket.read(descriptor, into: worker.upstreamIn) {
            case .bytes(let count):
                unsafe take(UnsafeRawBufferPointer(rebasing: worker.upstreamIn[0..<count]))
            case .wouldBlock: return
            case .endOfStream, .failed: end("ended the connection without an answer")
            }
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        switch state {
        case .idle, .connecting, .asking(.none): break
        case .handshaking(let handshake): unsafe advance(handshake, bytes)
        case .asking(.plain):
            unsafe answer.append(bytes)
            readAnswer()
        case .asking(.secure(let upstream)):
            let step = unsafe upstream.decrypt(bytes, into: answer)
            takeCiphertext()
            readAnswer()
            guard case .asking = state else { return }
            switch step {
            case .needMore: break
            case .closed: end("ended the connection without an answer")
            case .failed(let failure): end(UpstreamFailure(failure).explanation)
            }
        }
    }

    private func readAnswer() {
        while !answer.isEmpty {
            switch unsafe worker.responseScanner.scan(Span<UInt8>(_unsafeBytes: answer.readable), requestMethod: .get) {
            case .needMore: return
            case .violation: end("answers with something other than HTTP/1.1")
            case .complete:
                let head = worker.responseScanner.head
                guard !head.isInterim else {
                    answer.consume(head.length)
                    continue
                }
                end(plan.statuses.contains(head.status) ? "" : "answers with the status \(head.status)")
            }
            return
        }
    }

    /// Ends this check; the next one begins when its time has come.
    private func end(_ complaint: String) {
        disconnect()
        self.complaint = complaint
        worker.loop.setDeadline(timer, at: max(nextAt, worker.loop.now &+ 1))
        let isChange = tally.take(isGood: complaint.isEmpty, plan)
        checked(self, complaint.isEmpty, isChange)
    }

    private func disconnect() {
        state = .idle
        guard descriptor >= 0 else { return }
        worker.loop.remove(token)
        Socket.close(descriptor)
        descriptor = -1
    }
}
