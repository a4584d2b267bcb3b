package import CountersignNATS
package import CountersignTransport

/// Who hears what comes over the bus; called on the client's thread alone.
package protocol NATSListener: AnyObject {
    /// The client's thread has begun; timers of the listener's own can be set on its loop.
    func started(on loop: EventLoop)

    /// A server has let the client in, and it is subscribed.
    ///
    /// - Parameters:
    ///   - server: the server, as messages name it.
    ///   - connection: sends what the listener wants to say first.
    func connected(to server: String, _ connection: NATSConnection)

    /// Messages have come; what they cost is the time until the next are read.
    ///
    /// - Parameters:
    ///   - messages: the places of their parts, in their order.
    ///   - bytes: the bytes that the places are in, until the call ends.
    ///   - connection: sends what the listener answers.
    func received(_ messages: [NATSMessage], in bytes: Span<UInt8>, _ connection: NATSConnection)

    /// A message was too large, and was dropped.
    func dropped(bytes: Int)

    /// The server objects to something that can be done without.
    func complained(_ server: String, _ words: String)

    /// There is no connection; the client goes on to look for one.
    ///
    /// - Parameters:
    ///   - server: the server that was connected or tried last.
    ///   - reason: what ended it, without a secret.
    ///   - wasConnected: whether the client had been let in.
    func disconnected(from server: String, reason: String, wasConnected: Bool)
}
