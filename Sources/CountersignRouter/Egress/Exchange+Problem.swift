import CountersignHTTP1
import CountersignTelemetry
import CountersignTransport

extension Exchange {
    /// Answers with a problem document (RFC 9457), and ends the exchange.
    ///
    /// - Parameters:
    ///   - status: the status, which is in the log already.
    ///   - title: the reason phrase.
    ///   - code: one word from a closed set, for programs.
    ///   - detail: what is wrong and what would be right.
    ///   - client: who is answered.
    ///   - comesAgain: whether the same may be asked again soon (RFC 9110 section 10.2.3).
    func sendProblem(
        _ status: Int,
        _ title: String,
        code: String,
        _ detail: String,
        _ client: ClientConnection,
        comesAgain: Bool = false
    ) {
        let body = worker.takeQueue()
        defer { worker.giveBack(body) }
        body.append("{\"type\":\"about:blank\",\"title\":\"")
        Self.append(title, to: body)
        body.append("\",\"status\":")
        body.append(decimal: UInt64(status))
        body.append(",\"code\":\"")
        Self.append(code, to: body)
        body.append("\",\"detail\":\"")
        Self.append(detail, to: body)
        body.append("\"}\n")
        let out = worker.clientOut
        out.removeAll()
        out.append("HTTP/1.1 ")
        out.append(decimal: UInt64(status))
        out.append(byte: 0x20)
        out.append(Array(title.utf8))
        out.append("\r\nContent-Type: application/problem+json\r\nX-Content-Type-Options: nosniff\r\n")
        if comesAgain { out.append("Retry-After: 1\r\n") }
        if !keepsClient {
            out.append("Connection: close\r\n")
        } else if head.version == .http10 {
            out.append("Connection: keep-alive\r\n")
        }
        out.append("Content-Length: ")
        out.append(decimal: UInt64(body.count))
        out.append("\r\n\r\n")
        if head.method != .head {
            outcome.bytesSent = UInt64(body.count)
            unsafe out.append(body.readable)
        }
        unsafe client.send(out.readable)
        responsePhase = .complete
        finish(upstreamReusable: false)
    }

    /// Writes a text into a JSON string (RFC 8259 section 7).
    private static func append(_ text: String, to out: ByteQueue) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                out.append(byte: UInt8(ascii: "\\"))
                out.append(byte: byte)
            case 0..<0x20, 0x7F: out.append(byte: UInt8(ascii: "?"))
            default: out.append(byte: byte)
            }
        }
    }
}
