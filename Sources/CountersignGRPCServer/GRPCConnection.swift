import CountersignGRPC
import CountersignHTTP2
import CountersignTransport

/// One connection of a caller: HTTP/2 from its first byte, without TLS.
///
/// Facets: `+Events` (what the caller sent), `+Sending` (answers), `+Closing` (ends and deadlines).
final class GRPCConnection: ReadinessHandler {
    unowned let listener: GRPCListener
    let id: UInt64
    let descriptor: Int32
    /// Who is calling, and as whose it is counted, which may change with the rules.
    var peer: GRPCPeer
    var token = HandlerToken.none
    var connection: HTTP2Connection
    /// By the slot of the connection's streams.
    var streams: [GRPCStream?] = []
    /// The slot that is served first next time.
    var turn = 0

    /// Bytes that have come and are not used up.
    let inbound = ByteQueue()
    /// Bytes for the socket.
    let wire = ByteQueue()
    var isReadable = false
    /// Since when what was last begun has been under way, in the loop's nanoseconds: a frame, sending, being idle.
    var frameSince: UInt64
    var sentAt: UInt64
    var idleSince: UInt64
    /// When the connection was taken, in the loop's nanoseconds.
    let acceptedAt: UInt64
    /// A call has come in whole, or one whose method takes a stream has begun.
    var hasCalled = false
    /// The connection ends once what is written has been sent.
    var endsWhenSent = false
    var isClosed = false
    var isStopping = false

    init(listener: GRPCListener, id: UInt64, descriptor: Int32, peer: GRPCPeer) {
        self.listener = listener
        self.id = id
        self.descriptor = descriptor
        self.peer = peer
        self.connection = HTTP2Connection(.server, limits: listener.settings.http2)
        self.frameSince = listener.loop.now
        self.sentAt = listener.loop.now
        self.idleSince = listener.loop.now
        self.acceptedAt = listener.loop.now
    }

    func start() -> Bool {
        guard let token = listener.loop.add(descriptor, self) else { return false }
        self.token = token
        connection.start(listener.workspace)
        settle()
        return !isClosed
    }

    func ready(_ readiness: Readiness) {
        if readiness.contains(.readable) { isReadable = true }
        guard !readiness.contains(.broken) else {
            close()
            return
        }
        sendWire()
        readMore()
        settle()
    }

    private func readMore() {
        var rounds = 0
        while isReadable, reads {
            guard rounds < Self.roundsPerTurn else {
                listener.loop.readAgain(token)
                return
            }
            rounds += 1
            switch unsafe Socket.read(descriptor, into: inbound.writable(atLeast: Self.readSize)) {
            case .bytes(let count):
                inbound.advance(count)
                process()
            case .wouldBlock: isReadable = false
            case .endOfStream, .failed: close()
            }
        }
    }

    /// Whether what comes is read.
    private var reads: Bool { !isClosed && !endsWhenSent && wire.count < Self.unsentLimit }

    /// Whether something has come that will be read in this turn or the next one.
    var hasUnread: Bool { reads && Socket.hasUnread(descriptor) }

    private func process() {
        connection.now = listener.loop.now
        var offset = 0
        while !isClosed, !endsWhenSent {
            let event = unsafe connection.next(
                Span<UInt8>(_unsafeBytes: inbound.readable),
                from: &offset,
                listener.workspace
            )
            guard event != .needMore else { break }
            handle(event)
        }
        inbound.consume(offset)
        if inbound.isEmpty, !connection.isInsideHeaderBlock { frameSince = listener.loop.now }
        flush()
    }

    func sendWire() {
        while !wire.isEmpty, !isClosed {
            switch unsafe Socket.write(descriptor, wire.readable) {
            case .bytes(let count):
                wire.consume(count)
                sentAt = listener.loop.now
            case .wouldBlock, .endOfStream: return
            case .failed: close()
            }
        }
    }

    /// Takes what the protocol has written to the socket.
    func flush() {
        let written = listener.workspace.output
        guard !written.isEmpty else { return }
        if wire.isEmpty { sentAt = listener.loop.now }
        wire.append(written)
        listener.workspace.output.removeAll(keepingCapacity: true)
        sendWire()
    }

    /// While so much waits for the caller, nothing is read of it.
    private static let unsentLimit = 256 * 1024
    private static let readSize = 16 * 1024
    private static let roundsPerTurn = 8
}
