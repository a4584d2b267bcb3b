import CountersignHTTP1
import CountersignTelemetry
import CountersignTransport

extension Exchange {
    /// Notes where the access log's fields lie in the request's head.
    func noteRequest() {
        logRequest.version = head.version == .http10 ? .http10 : .http11
        logRequest.method = AccessLogField(head.methodRange.range)
        logRequest.host = AccessLogField(head.host.range)
        logRequest.target = AccessLogField(head.target.range)
        for field in worker.requestScanner.fields {
            switch field.kind {
            case .userAgent: logRequest.userAgent = AccessLogField(field.value.range)
            case .referer: logRequest.referer = AccessLogField(field.value.range)
            case .xForwardedFor: logRequest.forwardedFor = AccessLogField(field.value.range)
            case .xRequestID: requestID = field.value
            default: break
            }
        }
    }

    /// Writes the exchange's access log line and counts it.
    func record() {
        outcome.duration = Int64(clamping: worker.loop.now &- startedAt)
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
