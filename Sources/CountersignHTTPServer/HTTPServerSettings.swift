package import CountersignHTTP1
package import CountersignPKI
package import CountersignTransport

/// Bounds of a server: what it reads, how long it waits, how much it has in hand at once.
package struct HTTPServerSettings: Sendable {
    /// Event loops, each on a thread with a listening socket of its own; at least 1.
    package var threads = 1
    /// The largest request content in bytes; a larger one is answered with 413.
    package var maximumBody = 1024 * 1024
    /// How large the content of a request may be that is larger than ``maximumBody``; nil for no larger.
    ///
    /// Runs on an event loop and must not block. The request has no content yet.
    package var limitOfLargeContent: @Sendable (ServerRequest) -> Int? = { _ in nil }
    /// Answers a request whose content is larger than this many bytes.
    ///
    /// Runs on an event loop and must not block. The request has no content, or what has come of it.
    package var answerToLargeContent: @Sendable (ServerRequest, Int) -> ServerResponse = { _, limit in
        .text(413, "the content is larger than \(limit) bytes")
    }
    /// How large a request head may be.
    package var headLimits = HeadLimits()
    /// The most connections of one thread; one more is reset, or has another reset.
    package var maximumConnections = 512
    /// With it, a connection to which no answer is owed gives its place to a new one when there are that many, or when the
    /// system has no descriptor left: for a connection of any listener of the group, where that one has none to give.
    ///
    /// It is one that has never asked, older than ``newcomerTime``, or else that which has waited longest: for a request, or
    /// for its client to take an answer. For servers whose clients connect anew without ado, where nobody may keep others out
    /// by doing nothing, by saying a part of a request, or by not taking answers.
    package var displacement: DisplacementGroup?
    /// Told of each connection that was reset for want of room; runs on an event loop and must not block.
    package var onRefusedConnection: @Sendable () -> Void = {}
    /// Answers a request on an open connection whose client is no longer accepted; the connection ends with the answer.
    ///
    /// Runs on an event loop and must not block. The request has not been looked at.
    package var answerToRefusedPeer: @Sendable (ChainRejection) -> ServerResponse = { rejection in
        .text(421, "421 Misdirected Request: the client certificate is no longer accepted (\(rejection.metricLabel))")
    }
    /// How many requests of one connection are in hand at once; while there are so many, no more are read.
    package var maximumPipelined = 16
    /// How long a TLS handshake may take.
    package var handshakeTime = Duration.seconds(10)
    /// How long a request head may take from its first byte, and the first request of a connection to begin.
    package var headTime = Duration.seconds(10)
    /// How long the content of a request may take.
    package var bodyTime = Duration.seconds(30)
    /// How long a connection may be without a request after its first.
    package var idleTime = Duration.seconds(60)
    /// How long a client may take for the next 64 KiB of what is being sent to it, or for all of it where that is less.
    package var writeTime = Duration.seconds(30)
    /// How long a new connection keeps its place as if it had asked for something.
    package var newcomerTime = Duration.seconds(1)

    /// The defaults.
    package init() {}
}
