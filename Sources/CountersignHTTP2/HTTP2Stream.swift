/// Names a stream of one connection; stale once the stream is over, when everything that is done with it does nothing.
package struct HTTP2Stream: Equatable, Hashable, Sendable {
    /// The stream's number on the wire.
    package let id: UInt32
    /// A small number that no other open stream of the connection has at the same time.
    package let slot: Int

    /// No stream.
    package static let none = HTTP2Stream(id: 0, slot: -1)
}

/// What a connection knows of an open stream.
struct StreamState {
    /// 0 where the slot is free.
    var id: UInt32 = 0
    /// Content that may still be sent; negative after the peer has shrunk its windows.
    var sendWindow = 0
    /// Content that the peer may still send, and what was used up and not yet given back.
    var receiveWindow = 0
    var consumed = 0
    /// Content that Content-Length says is still to come; negative where it says nothing.
    var remaining: Int64 = -1
    /// The peer, and this side, has sent all that it will.
    var isRemoteClosed = false
    var isLocalClosed = false
    /// The final head of the peer's message has come; what comes now are trailers.
    var hasHead = false
    /// This side's request was HEAD, so that Content-Length announces no content.
    var isBodiless = false
}
