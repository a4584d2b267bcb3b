package import CountersignHTTP2

/// Bounds of a call.
package struct GRPCClientSettings: Sendable {
    /// The largest message that is taken, in bytes.
    package var maximumMessage = 4 * 1024 * 1024
    /// How long connecting and sending the request may take.
    package var connectTime = Duration.seconds(5)
    /// What is taken of HTTP/2.
    package var http2 = HTTP2Limits()

    /// The defaults.
    package init() {}
}
