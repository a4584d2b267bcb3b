import CountersignGRPC
import CountersignHTTP2
import CountersignTransport

/// Names a stream of a connection beyond its end: the number on the wire is never used twice.
struct GRPCStreamKey: Equatable, Sendable {
    let id: UInt32
    let slot: Int
}

/// One stream of a connection: a call and what waits to be sent for it.
final class GRPCStream {
    let stream: HTTP2Stream
    var reader: GRPCMessageReader
    /// Released when the request has ended, so that a call that nobody holds ends.
    var handler: (any GRPCRequestHandler)?
    /// The call, which its handler owns.
    weak var call: GRPCCall?
    /// The call, once it was finished: its handler may have been released.
    var finished: GRPCCall?
    /// Messages that the caller's windows have not let through.
    let waiting = ByteQueue()
    var hasSentHead = false
    /// How the call ends, once all that waits is sent.
    var status: GRPCStatus?
    /// When the caller stops waiting, in the loop's nanoseconds.
    var deadline = UInt64.max

    /// When the caller has to have said what its method takes, in the loop's nanoseconds.
    var requestDeadline = UInt64.max
    /// When the caller last took something of what waits, or began to be kept waiting, in the loop's nanoseconds.
    var takenAt: UInt64 = 0
    /// As whose the call is counted; nil for one that was not let in.
    var countedAs: GRPCPeer?

    init(_ stream: HTTP2Stream, maximumMessage: Int) {
        self.stream = stream
        self.reader = GRPCMessageReader(maximum: maximumMessage)
    }

    /// Whether the caller waits for the server, which has its request and owes it an answer; else it is the caller's turn.
    var awaitsAnswer: Bool { requestDeadline == .max && waiting.isEmpty }

    var key: GRPCStreamKey { GRPCStreamKey(id: stream.id, slot: stream.slot) }
}
