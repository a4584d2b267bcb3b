import CountersignHTTP1
import CountersignTelemetry
import CountersignTransport

extension Exchange {
    /// Notes where the access log's fields lie in the request's head.
    func noteRequest() {
        logRequest.version = stream != nil ? .http2 : head.version == .http10 ? .http10 : .http11
        logRequest.method = AccessLogField(head.methodRange.range)
        logRequest.host = AccessLogField(head.host.range)
        logRequest.target = AccessLogField(head.target.range)
        var ids = 0
        var traces = 0
        var trace = ByteRange.empty
        for field in worker.requestScanner.fields {
            switch field.kind {
            case .userAgent: logRequest.userAgent = AccessLogField(field.value.range)
            case .referer: logRequest.referer = AccessLogField(field.value.range)
            case .xForwardedFor: logRequest.forwardedFor = AccessLogField(field.value.range)
            case .traceparent:
                traces += 1
                trace = field.value
            case .upgrade: if field.isConnectionNominated { tunnel.asksForUpgrade = true }
            case .xRequestID:
                ids += 1
                requestID = field.value
            default: break
            }
        }
        if ids != 1 || !isSoundID(requestID) { giveRequestID() }
        continueTrace(trace, count: traces)
    }

    /// Whether an id of a client can be taken over: it goes into logs and on to backends.
    private func isSoundID(_ range: ByteRange) -> Bool {
        guard 1...Self.longestID ~= range.count else { return false }
        let bytes = unsafe headBytes.readable
        for index in range.start..<range.end {
            switch unsafe bytes[index] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: ":"), UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "@"):
                continue
            default: return false
            }
        }
        return true
    }

    private func giveRequestID() {
        let start = headBytes.count
        let id = worker.requestIDs.next()
        headBytes.append(hexDigits: id.high)
        headBytes.append(hexDigits: id.low)
        requestID = ByteRange(start: start, end: headBytes.count)
        givenID = requestID
    }

    private static let longestID = 128

    /// Writes the exchange's access log line and counts it.
    func record() {
        // The loop's clock stands still during a turn, in which the router's own answers begin and end.
        outcome.duration = Int64(clamping: EventLoop.monotonicNanoseconds() &- startedAt)
        outcome.attempts = attempts
        worker.countRequest(self)
        guard let log = worker.accessLog, let client else { return }
        let bytes = unsafe Span<UInt8>(_unsafeBytes: headBytes.readable)
        let endpointName = upstreamLog
        log.append(
            logRequest,
            head: bytes,
            requestID: bytes.extracting(requestID.start..<requestID.end),
            outcome,
            connection: client.logFragment.base,
            upstream: endpointName,
            decision: decisionLog
        )
    }
}

extension ByteRange {
    var range: Range<Int> { start..<max(start, end) }
}
