/// The end of a connection in order (RFC 9113 section 6.8): first the peer is told that an end is near, and once it
/// cannot but know, which of its streams are the last.
extension HTTP2Connection {
    /// Tells the peer to open nothing more; what it has opened, and what is on its way, is still taken.
    ///
    /// The answer to a PING behind it shows that nothing is on its way any more; then ``finishShutdown(_:)`` follows.
    package mutating func announceShutdown(_ workspace: HTTP2Workspace) {
        guard shutdown == .none, !hasFailed else { return }
        shutdown = .announced
        writeGoAway(last: 0x7FFF_FFFF, .noError, workspace)
        FrameHeader.write(length: 8, FrameKind.ping, stream: 0, to: &workspace.output)
        workspace.output.append("goodbye.")
    }

    /// Tells the peer which of its streams is the last that is served; later ones are not looked at.
    package mutating func finishShutdown(_ workspace: HTTP2Workspace) {
        guard shutdown != .final, !hasFailed else { return }
        shutdown = .final
        writeGoAway(last: lastPeerStream, .noError, workspace)
    }

    /// Whether the peer has been told of the end.
    package var isShuttingDown: Bool { shutdown != .none }

    /// Whether nothing is in flight any more on a connection that takes nothing new.
    package var isDrained: Bool { shutdown == .final && streams.count == 0 }

    func writeGoAway(last: UInt32, _ code: HTTP2ErrorCode, _ workspace: HTTP2Workspace) {
        FrameHeader.write(length: 8, FrameKind.goAway, stream: 0, to: &workspace.output)
        workspace.output.append(bigEndian: last)
        workspace.output.append(bigEndian: code.rawValue)
    }
}
