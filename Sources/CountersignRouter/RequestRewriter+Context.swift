import CountersignForwarding
import CountersignHTTP1
import CountersignPolicy

extension RequestRewriter {
    /// The connection that a request came on, as far as backends are told of it.
    struct Client {
        /// The client's address without port, for X-Forwarded-For.
        let host: [UInt8]
        /// Whether the connection uses TLS.
        let isEncrypted: Bool
        /// Whether the request is for an mTLS domain.
        let isMutual: Bool
        /// What passes of certificate headers that the client sent.
        let forwarding: ForwardingPlan
        /// The lines that tell who the client is, each with its CRLF.
        let headerTail: [UInt8]
    }

    /// What is known of a request beyond its head.
    struct Context {
        let client: Client
        /// Where among the bytes the request's id is.
        let id: ByteRange
        /// Where the id is that the router gave; `nil` where the client's own stands.
        let givenID: ByteRange?
        /// Where the value of `traceparent` for the backend is.
        let trace: ByteRange
        /// Whether the client's `tracestate` belongs to that trace.
        let keepsTraceState: Bool
        /// When the request's first byte was there, in milliseconds since 1970.
        let start: UInt64
        /// Where the protocols are that the endpoint may switch to; empty for none.
        let upgrade: ByteRange
        /// What a forward proxy does; `nil` on a reverse proxy.
        let outgoing: OutgoingRules.Way?
    }
}
