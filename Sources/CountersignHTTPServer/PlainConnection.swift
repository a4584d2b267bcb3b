import CountersignHTTP1
import CountersignTransport

/// One connection of a ``PlainHTTPServer``: requests one after the other, each read whole and answered whole.
final class PlainConnection: ReadinessHandler {
    private unowned let listener: PlainListener
    private let descriptor: Int32
    private var token = HandlerToken.none
    private let inbound = ByteQueue()
    private let outbound = ByteQueue()
    private var scanner = RequestScanner()
    private var pending: (request: PlainRequest, body: BodyReader, keepAlive: Bool, isHead: Bool)?
    private var closesWhenFlushed = false
    private var isClosed = false
    private var isReadable = false

    init(listener: PlainListener, descriptor: Int32) {
        self.listener = listener
        self.descriptor = descriptor
    }

    func start() -> Bool {
        guard let token = listener.loop.add(descriptor, self) else { return false }
        self.token = token
        startClock()
        return true
    }

    func ready(_ readiness: Readiness) {
        if readiness.contains(.broken) {
            close()
            return
        }
        if readiness.contains(.writable) { flush() }
        if readiness.contains(.readable) {
            isReadable = true
            read()
        }
    }

    func deadlinePassed() {
        close()
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        listener.loop.remove(token)
        Socket.close(descriptor)
        listener.closed(self)
    }

    private func startClock() {
        listener.loop.setDeadline(
            token,
            at: listener.loop.now &+ UInt64(PlainHTTPServer.idleTime.components.seconds) * 1_000_000_000
        )
    }

    private func read() {
        while isReadable, !isClosed, outbound.count < Self.highWater {
            let room = unsafe inbound.writable(atLeast: 16 * 1024)
            switch unsafe Socket.read(descriptor, into: room) {
            case .bytes(let count):
                inbound.advance(count)
                process()
            case .wouldBlock: isReadable = false
            case .endOfStream:
                isReadable = false
                if outbound.isEmpty { close() } else { closesWhenFlushed = true }
            case .failed: close()
            }
        }
    }

    private func process() {
        while !inbound.isEmpty, !isClosed, !closesWhenFlushed {
            if pending == nil, !readHead() { return }
            if !readBody() { return }
        }
    }

    private func readHead() -> Bool {
        let bytes = unsafe inbound.readable
        switch unsafe scanner.scan(Span<UInt8>(_unsafeBytes: bytes)) {
        case .needMore: return false
        case .violation(let violation):
            closesWhenFlushed = true
            answer(.text(violation.status, "\(violation.reason)"), isHead: false)
            return false
        case .complete: break
        }
        let head = scanner.head
        func text(_ range: ByteRange) -> String {
            unsafe String(decoding: bytes[range.start..<range.end], as: UTF8.self)
        }
        let target = text(head.path.isEmpty ? head.target : head.path)
        let mark = target.firstIndex(of: "?")
        let request = PlainRequest(
            method: text(head.methodRange),
            path: String(target[..<(mark ?? target.endIndex)]),
            query: mark.map { String(target[target.index(after: $0)...]) } ?? "",
            fields: scanner.fields.map { (text($0.name), text($0.value)) },
            body: []
        )
        if head.expectContinue { outbound.append("HTTP/1.1 100 Continue\r\n\r\n") }
        pending = (request, BodyReader(head.framing), head.keepAlive, head.method == .head)
        inbound.consume(head.length)
        return true
    }

    private func readBody() -> Bool {
        guard var current = pending else { return false }
        var offset = 0
        while !current.body.isFinished {
            let bytes = unsafe inbound.readable
            switch unsafe current.body.next(Span<UInt8>(_unsafeBytes: bytes), from: &offset) {
            case .data(let range): unsafe current.request.body.append(contentsOf: bytes[range.start..<range.end])
            case .trailer, .end: continue
            case .needMore:
                inbound.consume(offset)
                pending = current
                flush()
                return false
            case .violation(let violation):
                closesWhenFlushed = true
                answer(.text(violation.status, "\(violation.reason)"), isHead: false)
                return false
            }
            if current.request.body.count > PlainHTTPServer.maximumBody {
                closesWhenFlushed = true
                answer(.text(413, "the content is larger than \(PlainHTTPServer.maximumBody) bytes"), isHead: false)
                return false
            }
        }
        inbound.consume(offset)
        pending = nil
        if !current.keepAlive { closesWhenFlushed = true }
        answer(listener.handler(current.request), isHead: current.isHead)
        return true
    }

    private func answer(_ response: PlainResponse, isHead: Bool) {
        var head = "HTTP/1.1 \(response.status) \(response.reason)\r\nContent-Type: \(response.contentType)\r\n"
        for field in response.fields { head += "\(field.name): \(field.value)\r\n" }
        head += "Content-Length: \(response.body.count)\r\n"
        if closesWhenFlushed { head += "Connection: close\r\n" }
        outbound.append(Array((head + "\r\n").utf8))
        if !isHead { outbound.append(response.body) }
        startClock()
        flush()
    }

    private func flush() {
        while !outbound.isEmpty, !isClosed {
            switch unsafe Socket.write(descriptor, outbound.readable) {
            case .bytes(let count): outbound.consume(count)
            case .wouldBlock, .endOfStream: return
            case .failed:
                close()
                return
            }
        }
        if closesWhenFlushed, !isClosed {
            Socket.shutdownWriting(descriptor)
            close()
        } else if isReadable {
            read()
        }
    }

    private static let highWater = 1024 * 1024
}
