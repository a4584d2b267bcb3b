import CountersignHTTP1
import CountersignHTTP2
import CountersignTransport

/// One health check's question to an endpoint that speaks HTTP/2, on a connection that it has for itself.
final class HTTP2HealthQuestion {
    private var connection: HTTP2Connection
    private let workspace: HTTP2Workspace

    init(_ limits: HTTP2Limits) {
        self.connection = HTTP2Connection(.client, limits: limits)
        self.workspace = HTTP2Workspace(limits: limits)
    }

    /// What to send for a request that is written as for HTTP/1.1.
    ///
    /// - Parameter scanner: reads the request; what it holds of another one is lost.
    func bytes(asking request: [UInt8], isSecure: Bool, _ scanner: inout RequestScanner) -> [UInt8] {
        connection.start(workspace)
        guard scanner.scan(request.span) == .complete, let stream = connection.open(isBodiless: false),
            connection.beginHead(stream, workspace)
        else { return takeOutput() }
        let head = scanner.head
        connection.add(":method", request.span, head.methodRange.range, workspace)
        connection.add(":scheme", isSecure ? "https" : "http", workspace)
        connection.add(":authority", request.span, head.host.range, workspace)
        connection.add(":path", request.span, head.path.range, workspace)
        for field in scanner.fields where field.kind == .other || field.kind == .userAgent {
            connection.add(request.span, name: field.name.range, value: field.value.range, workspace)
        }
        connection.endHead(stream, isEnd: true, workspace)
        return takeOutput()
    }

    /// Reads what came; the head of the answer as HTTP/1.1 has it, nil while there is none.
    ///
    /// - Parameter failed: set when no answer will come.
    func head(in answer: ByteQueue, failed: inout Bool) -> [UInt8]? {
        var offset = 0
        defer { answer.consume(offset) }
        while true {
            let event = unsafe connection.next(
                Span<UInt8>(_unsafeBytes: answer.readable),
                from: &offset,
                workspace
            )
            switch event {
            case .head: return workspace.message
            case .needMore: return nil
            case .failed, .reset, .streamFailed, .goAway:
                failed = true
                return nil
            default: continue
            }
        }
    }

    /// What the protocol itself has to say meanwhile.
    func takeOutput() -> [UInt8] {
        defer { workspace.output = [] }
        return workspace.output
    }
}
