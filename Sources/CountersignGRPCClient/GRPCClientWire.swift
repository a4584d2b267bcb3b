import CountersignGRPC
import CountersignHTTP2
import CountersignTransport
import Glibc

/// The connection of one call: a socket that is waited for, HTTP/2 over it, and the messages that come.
final class GRPCClientWire {
    let socket: ClientSocket
    private var connection: HTTP2Connection
    private let workspace: HTTP2Workspace
    private var reader: GRPCMessageReader
    private let inbound = ByteQueue()
    private let outbound = ByteQueue()
    /// Content of the request that the server's windows have not let through.
    private let waiting = ByteQueue()
    private var stream = HTTP2Stream.none
    private var end: GRPCStatus?
    /// When waiting ends.
    private let deadline: Deadline
    private let connectDeadline: Deadline

    init(_ address: SocketAddress, settings: GRPCClientSettings, deadline: Deadline) throws(GRPCStatus) {
        self.deadline = deadline
        self.connectDeadline = deadline.capped(by: settings.connectTime)
        self.connection = HTTP2Connection(.client, limits: settings.http2)
        self.workspace = HTTP2Workspace(limits: settings.http2)
        self.reader = GRPCMessageReader(maximum: settings.maximumMessage)
        do throws(SystemError) {
            self.socket = ClientSocket(try Socket.connect(to: address))
        } catch {
            throw GRPCStatus(.unavailable, "\(error)")
        }
    }

    deinit {
        // Who may cancel the call can outlive it.
        socket.close()
    }

    /// Sends the request: its head, and as much of its content as the server's windows take at first.
    func begin(
        _ path: String,
        fields: [(name: String, value: String)],
        content: [UInt8]
    ) throws(GRPCStatus) {
        try wait(for: POLLOUT, until: connectDeadline)
        let code = Socket.pendingError(of: socket.descriptor)
        guard code == 0 else { throw GRPCStatus(.unavailable, "\(SystemError(action: "connect", code: code))") }
        connection.start(workspace)
        guard let stream = connection.open(isBodiless: false), connection.beginHead(stream, workspace) else {
            throw GRPCStatus(.internalError, "the connection takes no call")
        }
        self.stream = stream
        add(":method", "POST")
        add(":scheme", "http")
        add(":path", path)
        add(":authority", "localhost")
        for field in fields { add(field.name, field.value) }
        connection.endHead(stream, isEnd: false, workspace)
        waiting.append(content)
        sendContent()
        try sendOutbound()
    }

    /// The next message; `nil` at the end of the call in order.
    func next() throws(GRPCStatus) -> [UInt8]? {
        while true {
            if let message = try reader.next() { return message }
            if let end {
                guard end.code == .ok else { throw end }
                guard !reader.isInsideMessage else {
                    throw GRPCStatus(.internalError, "the answer ends inside of a message")
                }
                return nil
            }
            process()
            if end == nil, !reader.hasMessage { try exchange() }
        }
    }

    /// Reads what has come as far as it is whole.
    private func process() {
        connection.now = EventLoop.monotonicNanoseconds()
        var offset = 0
        while end == nil {
            let event = unsafe connection.next(Span<UInt8>(_unsafeBytes: inbound.readable), from: &offset, workspace)
            guard event != .needMore else { break }
            handle(event)
        }
        inbound.consume(offset)
        outbound.append(workspace.output)
        workspace.output.removeAll(keepingCapacity: true)
    }

    private func handle(_ event: HTTP2Event) {
        switch event {
        case .head(let stream, let isEnd) where stream == self.stream: readHead(isEnd: isEnd)
        case .data(let stream, let range, let isEnd) where stream == self.stream:
            unsafe reader.append(UnsafeRawBufferPointer(rebasing: inbound.readable[range]))
            connection.consumed(stream, range.count, workspace)
            if isEnd { end = GRPCStatus(.internalError, "the answer has no status") }
        case .trailers(let stream) where stream == self.stream: end = GRPCTrailers(workspace.message).status
        case .windowGrew: sendContent()
        case .reset(let stream, let code) where stream == self.stream:
            end = GRPCStatus(code == .refusedStream ? .unavailable : .cancelled, "the server reset the call")
        case .streamFailed, .oversizedHead: end = GRPCStatus(.internalError, "the answer is malformed")
        case .failed: end = GRPCStatus(.unavailable, "the server does not speak HTTP/2 as it should")
        case .goAway(let last, _):
            if last < stream.id { end = GRPCStatus(.unavailable, "the server takes no more calls") }
        default: break
        }
    }

    private func readHead(isEnd: Bool) {
        let head = GRPCTrailers(workspace.message)
        guard head.httpStatus == 200 else {
            end = GRPCStatus(.unknown, "the server answered with the status \(head.httpStatus ?? 0) of HTTP")
            return
        }
        if isEnd { end = head.status }
    }

    private func sendContent() {
        guard !waiting.isEmpty else { return }
        let sent = unsafe connection.send(
            Span<UInt8>(_unsafeBytes: waiting.readable),
            on: stream,
            isEnd: true,
            workspace
        )
        waiting.consume(sent)
        outbound.append(workspace.output)
        workspace.output.removeAll(keepingCapacity: true)
    }

    /// Sends what may be sent before the server has said anything.
    private func sendOutbound() throws(GRPCStatus) {
        while !outbound.isEmpty {
            try wait(for: POLLOUT, until: connectDeadline)
            switch unsafe Socket.write(socket.descriptor, outbound.readable) {
            case .bytes(let count): outbound.consume(count)
            case .wouldBlock, .endOfStream: break
            case .failed(let code):
                throw GRPCStatus(.unavailable, "\(SystemError(action: "send the call", code: code))")
            }
        }
    }

    /// Waits for the socket, sends what is to be sent and reads what has come.
    private func exchange() throws(GRPCStatus) {
        try wait(for: POLLIN | (outbound.isEmpty ? 0 : POLLOUT), until: deadline)
        if !outbound.isEmpty, case .bytes(let count) = unsafe Socket.write(socket.descriptor, outbound.readable) {
            outbound.consume(count)
        }
        switch unsafe Socket.read(socket.descriptor, into: inbound.writable(atLeast: Self.readSize)) {
        case .bytes(let count): inbound.advance(count)
        case .wouldBlock: break
        case .endOfStream: throw GRPCStatus(.unavailable, "the server has closed the connection")
        case .failed(let code): throw GRPCStatus(.unavailable, "\(SystemError(action: "read", code: code))")
        }
    }

    private func wait(for events: Int32, until deadline: Deadline) throws(GRPCStatus) {
        guard socket.wait(for: events, until: deadline) != nil else {
            throw GRPCStatus(.deadlineExceeded, "the server did not answer in time")
        }
    }

    private func add(_ name: String, _ value: String) {
        let bytes = Array(name.utf8) + Array(value.utf8)
        let middle = name.utf8.count
        connection.add(bytes.span, name: 0..<middle, value: middle..<bytes.count, workspace)
    }

    private static let readSize = 16 * 1024
}
