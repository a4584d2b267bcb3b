package import CountersignHTTP2
package import CountersignTransport

/// Bounds of a server of gRPC.
package struct GRPCServerSettings: Sendable {
    /// The largest message that is taken, in bytes.
    package var maximumMessage = 1024 * 1024
    /// How much of one call may wait for a caller that does not read, in bytes; more ends the call.
    package var maximumWaiting = 4 * 1024 * 1024
    /// The most connections; one more is reset, or has another reset.
    package var maximumConnections = 1024
    /// With it, a connection to which no answer is owed gives its place to a new one when there are that many, or when the
    /// system has no descriptor left: for a connection of any listener of the group, where that one has none to give.
    ///
    /// It is one that has never called, older than ``newcomerTime``, or else that which has been longest without a call's end.
    /// For servers whose clients connect anew without ado, where nobody may keep others out by doing nothing, by saying a part
    /// of a call, or by not taking its answer.
    package var displacement: DisplacementGroup?
    /// The most connections of one account, as of the processes of one user of this host; one more is reset.
    ///
    /// Once three quarters of ``maximumConnections`` are taken, the rest is for accounts with fewer than 16.
    package var maximumConnectionsPerAccount = 256
    /// The most calls that one account has open, those that have not said all among them; one more is refused with
    /// RESOURCE_EXHAUSTED.
    package var maximumCallsPerAccount = 512
    /// What is taken of HTTP/2.
    package var http2 = HTTP2Limits()
    /// How long a new connection may take for its first bytes, and a frame that has begun for its rest.
    package var frameTime = Duration.seconds(10)
    /// How long a connection may be there before its first call.
    package var firstCallTime = Duration.seconds(10)
    /// How long a caller may take for the one message that its method takes.
    package var requestTime = Duration.seconds(10)
    /// How long a connection may be without a call, once it has had one.
    package var idleTime = Duration.seconds(600)
    /// How long a caller may take nothing of what is being sent to it, on its connection and in each call.
    package var writeTime = Duration.seconds(30)
    /// How long a new connection keeps its place as if it had called.
    package var newcomerTime = Duration.seconds(1)

    /// Whether there is nothing for a user of this host.
    ///
    /// Runs on the server's thread at each connection and each call, and must not block. What has changed counts for a
    /// connection from its next call on.
    package var isStranger: @Sendable (_ userID: UInt32) -> Bool = { _ in false }
    /// Told of all that is refused because there was enough of it; runs on the server's thread and must not block.
    package var onOverload: @Sendable (GRPCOverload) -> Void = { _ in }

    /// The defaults.
    package init() {}
}
