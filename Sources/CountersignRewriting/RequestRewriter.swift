import CountersignForwarding
package import CountersignHTTP1
import CountersignPolicy
package import CountersignTransport

/// Writes the head that a backend gets: the client's lines as they came, without those that end at this hop or claim
/// an identity, and behind them what the router itself has established.
package enum RequestRewriter {
    /// Writes all of it but the lines about the endpoint, and the empty line behind them; see ``EndpointHeaders``.
    ///
    /// - Parameters:
    ///   - head: the client's head, scanned.
    ///   - fields: its fields.
    ///   - bytes: the bytes that `head` and `fields` point into.
    ///   - context: what is known beyond the head.
    ///   - out: where the lines go, behind what is there.
    package static func write(
        _ head: RequestHead,
        fields: [HeaderField],
        in bytes: UnsafeRawBufferPointer,
        _ context: Context,
        to out: ByteQueue
    ) {
        unsafe writeRequestLine(head, in: bytes, to: out)
        var hasForwardedFor = false
        var hasStart = false
        var run = LineRun()
        for field in fields {
            switch field.kind {
            case .xForwardedFor: hasForwardedFor = true
            case .xRequestStart: hasStart = true
            default: break
            }
            guard unsafe isForwarded(field, in: bytes, context) else { continue }
            unsafe run.add(field.line, in: bytes, to: out)
        }
        unsafe run.write(in: bytes, to: out)
        if !head.hasHostField {
            out.append("Host: ")
            unsafe out.append(UnsafeRawBufferPointer(rebasing: bytes[head.host.start..<head.host.end]))
            out.append("\r\n")
        }
        if case .chunked = head.framing { out.append("Transfer-Encoding: chunked\r\n") }
        if !context.upgrade.isEmpty {
            out.append("Connection: Upgrade\r\nUpgrade: ")
            unsafe out.append(UnsafeRawBufferPointer(rebasing: bytes[context.upgrade.start..<context.upgrade.end]))
            out.append("\r\n")
        }
        if let way = context.outgoing {
            unsafe writeOutgoing(way, context, in: bytes, to: out)
            return
        }
        out.append("X-Forwarded-For: ")
        if hasForwardedFor {
            for field in fields where field.kind == .xForwardedFor && !field.value.isEmpty {
                unsafe out.append(UnsafeRawBufferPointer(rebasing: bytes[field.value.start..<field.value.end]))
                out.append(", ")
            }
        }
        out.append(context.client.host)
        let isEncrypted = context.client.isEncrypted
        out.append(isEncrypted ? "\r\nX-Forwarded-Proto: https\r\n" : "\r\nX-Forwarded-Proto: http\r\n")
        unsafe writeIDs(context, hasStart: hasStart, in: bytes, to: out)
        out.append(context.client.headerTail)
    }

    /// The lines of a forward proxy: nothing is told of the workload but by its certificate; routers go on with its trace,
    /// and nobody else is told of one that begins here.
    private static func writeOutgoing(
        _ way: OutgoingRules.Way,
        _ context: Context,
        in bytes: UnsafeRawBufferPointer,
        to out: ByteQueue
    ) {
        out.append("Via: 1.1 countersign\r\n")
        guard way != .other else { return }
        if let id = context.givenID {
            out.append("X-Request-Id: ")
            unsafe out.append(UnsafeRawBufferPointer(rebasing: bytes[id.start..<id.end]))
            out.append("\r\n")
        }
        out.append("traceparent: ")
        unsafe out.append(UnsafeRawBufferPointer(rebasing: bytes[context.trace.start..<context.trace.end]))
        out.append("\r\n")
    }

    private static func writeIDs(
        _ context: Context,
        hasStart: Bool,
        in bytes: UnsafeRawBufferPointer,
        to out: ByteQueue
    ) {
        if let id = context.givenID {
            out.append("X-Request-Id: ")
            unsafe out.append(UnsafeRawBufferPointer(rebasing: bytes[id.start..<id.end]))
            out.append("\r\n")
        }
        out.append("X-Vcap-Request-Id: ")
        unsafe out.append(UnsafeRawBufferPointer(rebasing: bytes[context.id.start..<context.id.end]))
        out.append("\r\ntraceparent: ")
        unsafe out.append(UnsafeRawBufferPointer(rebasing: bytes[context.trace.start..<context.trace.end]))
        out.append("\r\n")
        guard !hasStart else { return }
        out.append("X-Request-Start: ")
        out.append(decimal: context.start)
        out.append("\r\n")
    }

    private static func writeRequestLine(_ head: RequestHead, in bytes: UnsafeRawBufferPointer, to out: ByteQueue) {
        unsafe out.append(UnsafeRawBufferPointer(rebasing: bytes[head.methodRange.start..<head.methodRange.end]))
        out.append(byte: 0x20)
        let path = head.path
        // An absolute-form target may leave the path out, which stands for "/" (RFC 9112 section 3.2.2).
        if unsafe path.isEmpty || bytes[path.start] == 0x3F { out.append(byte: 0x2F) }
        unsafe out.append(UnsafeRawBufferPointer(rebasing: bytes[path.start..<path.end]))
        out.append(" HTTP/1.1\r\n")
    }

    /// Whether a forward proxy passes on a field that a reverse proxy treats otherwise; `nil` for every other field.
    private static func isForwarded(_ kind: FieldKind, _ way: OutgoingRules.Way?) -> Bool? {
        switch kind {
        case .traceparent, .tracestate: way == .other ? true : nil
        case .xForwardedHost: false
        default: nil
        }
    }

    private static func isForwarded(
        _ field: HeaderField,
        in bytes: UnsafeRawBufferPointer,
        _ context: Context
    ) -> Bool {
        // The id is in the log, so the backend is told the same one, whatever the client says of its hop.
        if case .xRequestID = field.kind { return context.givenID == nil || context.outgoing == .other }
        guard !field.isConnectionNominated else { return false }
        if context.outgoing != nil, let isForwarded = isForwarded(field.kind, context.outgoing) { return isForwarded }
        switch field.kind {
        case .connection, .keepAlive, .proxyConnection, .te, .trailer, .upgrade, .transferEncoding,
            .proxyAuthenticate, .proxyAuthorization, .xForwardedFor, .xForwardedProto, .xVcapRequestID, .xCfInstance,
            .traceparent:
            return false
        case .tracestate: return context.keepsTraceState
        case .xForwardedHost:
            // On an mTLS domain the Host was compared with the handshake; no other one is told beside it.
            return !context.isMutual
        case .other:
            let name = unsafe UnsafeRawBufferPointer(rebasing: bytes[field.name.start..<field.name.end])
            return unsafe !context.client.forwarding.removes(Span<UInt8>(_unsafeBytes: name))
        default:
            return true
        }
    }
}
