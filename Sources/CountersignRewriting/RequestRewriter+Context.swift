package import CountersignForwarding
package import CountersignHTTP1
package import CountersignPolicy

extension RequestRewriter {
    /// The connection that a request came on, as far as backends are told of it.
    package struct Client: Sendable {
        /// The client's address without port, for X-Forwarded-For.
        let host: [UInt8]
        /// Whether the connection uses TLS.
        let isEncrypted: Bool
        /// What passes of certificate headers that the client sent.
        let forwarding: ForwardingPlan
        /// The lines that tell who the client is, each with its CRLF.
        let headerTail: [UInt8]

        /// Makes what is told of a connection from its parts; one that has proved nothing has no tail.
        package init(
            host: [UInt8],
            isEncrypted: Bool,
            forwarding: ForwardingPlan,
            headerTail: [UInt8]
        ) {
            self.host = host
            self.isEncrypted = isEncrypted
            self.forwarding = forwarding
            self.headerTail = headerTail
        }
    }

    /// What is known of a request beyond its head.
    package struct Context: Sendable {
        let client: Client
        /// Whether the request is for an mTLS domain.
        let isMutual: Bool
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

        /// Makes a context from its parts; what is a range is one of the bytes that hold the head.
        package init(
            client: Client,
            isMutual: Bool,
            id: ByteRange,
            givenID: ByteRange?,
            trace: ByteRange,
            keepsTraceState: Bool,
            start: UInt64,
            upgrade: ByteRange,
            outgoing: OutgoingRules.Way?
        ) {
            self.client = client
            self.isMutual = isMutual
            self.id = id
            self.givenID = givenID
            self.trace = trace
            self.keepsTraceState = keepsTraceState
            self.start = start
            self.upgrade = upgrade
            self.outgoing = outgoing
        }
    }
}
