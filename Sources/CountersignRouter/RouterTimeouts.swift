/// How long the router waits for each step of a connection.
package struct RouterTimeouts: Sendable, Hashable {
    /// From accept to a finished TLS handshake.
    package var handshake = Duration.seconds(10)
    /// From the first byte of a request head to its end.
    package var requestHead = Duration.seconds(10)
    /// For each kilobyte of a body from a slow sender, and for each kilobyte that a slow reader takes.
    package var bodyIdle = Duration.seconds(30)
    /// Between two requests on a client's connection.
    package var keepAlive = Duration.seconds(75)
    /// For a TCP connection to an endpoint.
    package var connect = Duration.seconds(5)
    /// From the end of the request to the head of the response, and between two reads of its body.
    package var response = Duration.seconds(60)
    /// That an idle connection to an endpoint is kept.
    package var upstreamKeepAlive = Duration.seconds(60)
    /// That a tunnel may be silent in both directions, and that either side of it may not read.
    package var tunnelIdle = Duration.seconds(3600)
    /// From SIGTERM, or from the end of a connection's certificate, until what is in flight is cut.
    package var drain = Duration.seconds(30)
    /// From accept until a client's connection is ended, in order, however busy it is; nil for never.
    package var maximumConnectionAge: Duration?

    package init() {}
}
