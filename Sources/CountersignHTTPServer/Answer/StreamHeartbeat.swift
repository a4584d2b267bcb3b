/// What is sent on a stream while nothing else is, so that the client can tell a quiet server from a dead one.
package struct StreamHeartbeat: Sendable {
    /// The longest quiet time.
    package var interval: Duration
    /// What is sent: by default an empty line, which readers of newline-delimited JSON skip.
    package var bytes: [UInt8]

    /// Makes a heartbeat.
    ///
    /// - Parameters:
    ///   - interval: the longest quiet time, a millisecond or more.
    ///   - bytes: what is sent.
    package init(every interval: Duration, bytes: [UInt8] = [UInt8(ascii: "\n")]) {
        self.interval = max(interval, .milliseconds(1))
        self.bytes = bytes
    }
}
