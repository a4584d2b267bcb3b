import CountersignForwarding
import CountersignHTTP1
import CountersignRewriting
import CountersignRouting
import CountersignTransport

/// What a backend and a client get of the heads that came.
enum Rewrites {
    static func request() -> () -> Void {
        var scanner = RequestScanner()
        Hotpath.expect(scanner.scan(Heads.requestHead.span) == .complete, "a head is complete")
        let (head, fields) = (scanner.head, scanner.fields)
        // Behind the head stands what the router has made of the request: its id and its trace.
        let bytes = Heads.requestHead + Array((id + trace).utf8)
        let idRange = ByteRange(start: head.length, end: head.length + id.utf8.count)
        let context = RequestRewriter.Context(
            client: RequestRewriter.Client(
                host: Array("10.0.0.7".utf8),
                isEncrypted: true,
                forwarding: ForwardedClientCertMode.sanitizeSet.plan(clientCertificateVerified: true),
                headerTail: Array(identity.utf8)
            ),
            isMutual: true,
            id: idRange,
            givenID: idRange,
            trace: ByteRange(start: idRange.end, end: bytes.count),
            keepsTraceState: true,
            start: 1_795_330_800_000,
            upgrade: .empty,
            outgoing: nil
        )
        let instance = EndpointInstance(application: "app-1", id: "instance-7", index: "0")
        let endpoint = Endpoint(host: "10.0.0.1", port: 8080, instance: instance)
        let expected = (Heads.requestLines + routerLines).utf8.count
        let out = ByteQueue()
        return {
            bytes.withUnsafeBytes { RequestRewriter.write(head, fields: fields, in: $0, context, to: out) }
            EndpointHeaders.write(endpoint, to: out)
            Hotpath.expect(out.count == expected, "the router's lines stand in place of the client's claims")
            out.removeAll()
        }
    }

    static func response() -> () -> Void {
        let bytes = Heads.responseHead
        var scanner = ResponseScanner()
        Hotpath.expect(scanner.scan(bytes.span, requestMethod: .get) == .complete, "a head is complete")
        let (head, fields) = (scanner.head, scanner.fields)
        let expected = bytes.count - "Connection: keep-alive\r\n".utf8.count
        let out = ByteQueue()
        return {
            bytes.withUnsafeBytes {
                ResponseRewriter.write(head, fields: fields, in: $0, framing: ResponseRewriter.Framing(), to: out)
            }
            Hotpath.expect(out.count == expected, "what is about the hop is left out")
            out.removeAll()
        }
    }

    static func trailers() -> () -> Void {
        let lines = ["grpc-status: 0\r\n", "grpc-message: fine\r\n", "X-Forwarded-Client-Cert: Hash=0000\r\n"]
        let bytes = Array(lines.joined().utf8)
        var ranges: [ByteRange] = []
        for line in lines {
            let start = ranges.last?.end ?? 0
            ranges.append(ByteRange(start: start, end: start + line.utf8.count))
        }
        let expected = lines.dropLast().joined().utf8.count
        let out = ByteQueue()
        return {
            bytes.withUnsafeBytes { for range in ranges { TrailerRewriter.write(range, in: $0, to: out) } }
            Hotpath.expect(out.count == expected, "what claims an identity is left out")
            out.removeAll()
        }
    }

    private static let id = "6f1c0e5b-2d34-4c1e-9f0a-5b8d7e6c4a21"
    private static let trace = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01"
    private static let identity = "X-Forwarded-Client-Cert: \(String(decoding: Identities.header, as: UTF8.self))\r\n"

    /// What a backend is told by the router, with the end of the head.
    private static let routerLines = """
        X-Forwarded-For: 10.0.0.7\r
        X-Forwarded-Proto: https\r
        X-Request-Id: \(id)\r
        X-Vcap-Request-Id: \(id)\r
        traceparent: \(trace)\r
        X-Request-Start: 1795330800000\r
        \(identity)\
        X-Cf-Applicationid: app-1\r
        X-Cf-Instanceid: instance-7\r
        X-Cf-Instanceindex: 0\r
        \r\n
        """
}
