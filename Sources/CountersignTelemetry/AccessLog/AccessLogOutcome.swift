/// What became of a request, for the access log.
package struct AccessLogOutcome: Sendable, BitwiseCopyable {
    /// The status sent to the client; 0 when none was sent.
    package var status: Int = 0
    /// Bytes of the request's body that arrived.
    package var bytesReceived: UInt64 = 0
    /// Bytes of the response's body that were sent.
    package var bytesSent: UInt64 = 0
    /// Nanoseconds from the request's first byte to the response's last.
    package var duration: Int64 = 0
    /// Nanoseconds from handing the request to the backend to the head of its response; negative when there was none.
    package var upstreamDuration: Int64 = -1
    /// To how many endpoints the request was given; of interest where it was more than one.
    package var attempts: Int = 0
    /// What policy decided.
    package var authorization: AccessLogAuthorization = .none
    /// Why policy refused, where the words do not depend on the caller.
    package var deniedReason: StaticString?
    /// Why the router answered itself or cut the response short.
    package var error: StaticString?

    /// Creates an outcome with no status, bytes or decision.
    package init() {}
}
