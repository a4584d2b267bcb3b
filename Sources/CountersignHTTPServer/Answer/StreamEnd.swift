/// How a streamed answer came to its end.
package enum StreamEnd: Sendable, Hashable {
    /// It was finished and sent whole.
    case finished
    /// The client went away, or its connection failed.
    case peerGone
    /// The client read too slowly and was cut.
    case tooSlow
    /// The server stopped.
    case stopped
    /// The producer let go of the stream without finishing it, and the client was cut.
    case abandoned
}
