import CountersignHTTP1
import CountersignIdentity

/// How far an exchange is on its way to a tunnel, and how far each direction of it is.
struct TunnelState {
    /// The request has an Upgrade field that its Connection field names.
    var asksForUpgrade = false
    /// The protocols that the endpoint was told of, as one field value, in the exchange's bytes; empty for none.
    var offer = ByteRange.empty
    /// When bytes went either way last, in nanoseconds of the loop.
    var lastActivity: UInt64 = 0
    /// The client will send no more, and the endpoint has been told so.
    var hasClientEnded = false
    /// The endpoint will send no more.
    var hasUpstreamEnded = false
    /// What the client says first is looked at before any of it is passed on: it has to be a TLS handshake with this host.
    var expectedServer: HostName?
    /// The client has been told that no more comes.
    var hasToldClient = false
}
