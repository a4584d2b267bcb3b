/// A connection with several requests under way at once, each on a stream of its own.
///
/// It decodes no header fields: the status is told apart by the static table, and the length by the data.
final class HTTP2Connection: Connection {
    private struct Stream {
        let startedAt: UInt64
        var hasStatus = false
        var received = 0
    }

    let socket: any LoadSocket
    private(set) var startedAt: UInt64
    private let request: HTTP2Request
    private let limit: Int
    private var isOpen = false
    private var input: [UInt8] = []
    private var consumed = 0
    private var output = HTTP2Frame.preface
    private var sent = 0
    private var streams: [UInt32: Stream] = [:]
    private var nextStream: UInt32 = 1
    /// How much of the connection's window is used up and not given back.
    private var owedWindow: UInt32 = 0

    /// - Parameters:
    ///   - socket: where to send.
    ///   - request: what to send.
    ///   - streams: how many requests may be under way at once; the first goes alone.
    ///   - startedAt: when the connection was due.
    init(socket: any LoadSocket, request: HTTP2Request, streams: Int, startedAt: UInt64) {
        self.socket = socket
        self.request = request
        self.startedAt = startedAt
        limit = streams
        send(at: startedAt)
    }

    var isFree: Bool { isOpen && streams.isEmpty }

    func start(at time: UInt64) {
        while streams.count < limit { send(at: time) }
    }

    func advance(_ plan: LoadPlan, buffer: UnsafeMutableBufferPointer<UInt8>) throws -> Progress {
        while true {
            guard try isOpen || open() else { return .waiting }
            while let frame = HTTP2Frame(input[consumed...]) {
                consumed += HTTP2Frame.headerCount + frame.payload.count
                if try take(frame, expectedBytes: plan.expectedBytes) { return .answered }
            }
            input.removeFirst(consumed)
            consumed = 0
            try flush()
            guard let bytes = try socket.read(into: buffer) else { return .waiting }
            input.append(contentsOf: bytes)
        }
    }

    private func open() throws -> Bool {
        guard try socket.handshake() else { return false }
        guard socket.applicationProtocol == "h2" else { throw LoadError("the server did not agree to HTTP/2") }
        isOpen = true
        return true
    }

    private func send(at time: UInt64) {
        let flags = HTTP2Frame.Flag.endStream | HTTP2Frame.Flag.endHeaders
        let block = nextStream == 1 ? request.first : request.later
        output += HTTP2Frame.encode(HTTP2Frame.Kind.headers, flags: flags, stream: nextStream, block)
        streams[nextStream] = Stream(startedAt: time)
        nextStream += 2
    }

    private func flush() throws {
        while sent < output.count {
            guard let written = try socket.write(output, from: sent) else { return }
            sent += written
        }
        output.removeAll(keepingCapacity: true)
        sent = 0
    }

    /// - Returns: whether the frame ended a response.
    private func take(_ frame: HTTP2Frame, expectedBytes: Int) throws -> Bool {
        switch frame.kind {
        case HTTP2Frame.Kind.data: return try takeData(frame, expectedBytes: expectedBytes)
        case HTTP2Frame.Kind.headers:
            guard var stream = streams[frame.stream] else { throw LoadError("headers on a stream that is not open") }
            guard frame.saysOK || stream.hasStatus else { throw LoadError("not a 200") }
            stream.hasStatus = true
            streams[frame.stream] = stream
            return try end(frame, expectedBytes: expectedBytes)
        case HTTP2Frame.Kind.settings where frame.flags & HTTP2Frame.Flag.acknowledgement == 0:
            try takeSettings(frame)
        case HTTP2Frame.Kind.ping where frame.flags & HTTP2Frame.Flag.acknowledgement == 0:
            output += HTTP2Frame.encode(frame.kind, flags: HTTP2Frame.Flag.acknowledgement, frame.payload)
        case HTTP2Frame.Kind.reset:
            throw LoadError("a stream was reset with \(HTTP2Frame.number(frame.payload))")
        case HTTP2Frame.Kind.goAway:
            throw LoadError("the server goes away with \(HTTP2Frame.number(frame.payload.dropFirst(4).prefix(4)))")
        default: break
        }
        return false
    }

    private func takeData(_ frame: HTTP2Frame, expectedBytes: Int) throws -> Bool {
        guard streams[frame.stream] != nil else { throw LoadError("data on a stream that is not open") }
        streams[frame.stream]?.received += frame.contentCount
        owedWindow += UInt32(frame.payload.count)
        if owedWindow > HTTP2Frame.largestWindow / 2 {
            output += HTTP2Frame.encode(HTTP2Frame.Kind.windowUpdate, HTTP2Frame.bytes(owedWindow))
            owedWindow = 0
        }
        return try end(frame, expectedBytes: expectedBytes)
    }

    private func end(_ frame: HTTP2Frame, expectedBytes: Int) throws -> Bool {
        guard frame.flags & HTTP2Frame.Flag.endStream != 0 else { return false }
        guard let stream = streams.removeValue(forKey: frame.stream), stream.hasStatus else {
            throw LoadError("a response without a status")
        }
        guard stream.received == expectedBytes else {
            throw LoadError("a body of \(stream.received) bytes; expected \(expectedBytes)")
        }
        startedAt = stream.startedAt
        return true
    }

    /// Requests rely on the default table and on as many streams as were asked for.
    private func takeSettings(_ frame: HTTP2Frame) throws {
        var rest = frame.payload
        while rest.count >= 6 {
            let value = HTTP2Frame.number(rest.dropFirst(2).prefix(4))
            switch HTTP2Frame.number(rest.prefix(2)) {
            case 1 where value < 4096: throw LoadError("the server's table of header fields has \(value) bytes only")
            case 3 where value < limit: throw LoadError("the server takes \(value) streams only")
            default: break
            }
            rest = rest.dropFirst(6)
        }
        output += HTTP2Frame.encode(HTTP2Frame.Kind.settings, flags: HTTP2Frame.Flag.acknowledgement, [])
    }
}
