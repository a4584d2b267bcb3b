import CountersignHTTP1
import CountersignTelemetry
import CountersignTransport

/// Which trace a request belongs to (W3C Trace Context).
extension Exchange {
    /// Goes on with the trace of the client's one valid `traceparent`, or begins one; each hop has an id of its own.
    ///
    /// The value for the backend is kept behind the head, like the request's id; nothing is allocated for it.
    func continueTrace(_ field: ByteRange, count: Int) {
        let parent = count == 1 ? unsafe TraceParent(Span<UInt8>(_unsafeBytes: slice(field))) : nil
        let start = headBytes.count
        headBytes.append("00-")
        if parent != nil {
            headBytes.append(again: field.start + TraceParent.idOffset, count: TraceParent.idLength)
        } else {
            let id = worker.requestIDs.next()
            // An id of zeros is none; it cannot come of two odd steps, and is made sure of all the same.
            headBytes.append(hexDigits: id.high | 1)
            headBytes.append(hexDigits: id.low)
        }
        headBytes.append(byte: 0x2D)
        headBytes.append(hexDigits: worker.requestIDs.next().high | 1)
        let flags = parent?.flags ?? (worker.snapshot.traffic.samplesNewTraces ? 1 : 0)
        headBytes.append("-0")
        headBytes.append(byte: 0x30 + flags)
        traceParent = ByteRange(start: start, end: headBytes.count)
        keepsTraceState = parent != nil
        let id = start + TraceParent.idOffset
        logRequest.traceID = AccessLogField(id..<id + TraceParent.idLength)
    }

    private func slice(_ range: ByteRange) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: headBytes.readable[range.start..<range.end])
    }
}
