import Glibc
import Testing

@testable import CountersignTelemetry

/// One request with every field, whose texts a test may replace, rendered through a real writer into a real file.
struct AccessLogSample {
    var configuration = AccessLogConfiguration()
    var method = Array("GET".utf8)
    var host = Array("backend.apps.identity".utf8)
    var target = Array("/api/data?page=2".utf8)
    var userAgent = Array("curl/8.5.0".utf8)
    var referer = Array("https://portal.example/a?b=c".utf8)
    var forwardedFor = Array("10.0.1.5".utf8)
    var requestID = Array("0f8fad5b-d9cb-469f-a165-70867728950e".utf8)
    var connection: [(AccessLogKey, [UInt8])] = [
        (.remoteAddress, Array("10.0.1.5:51234".utf8)),
        (.tlsVersion, Array("TLSv1.3".utf8)),
        (.tlsCipher, Array("TLS_AES_128_GCM_SHA256".utf8)),
        (.tlsSNI, Array("backend.apps.identity".utf8)),
        (.callerCFApp, Array("app-guid".utf8)),
        (.callerCFSpace, Array("space-guid".utf8)),
        (.callerCFOrg, Array("org-guid".utf8)),
        (.callerSPIFFEID, Array("spiffe://example.org/frontend".utf8)),
    ]
    var upstream: [UInt8]? = Array("10.0.2.9:61002".utf8)
    var decision: [(AccessLogKey, [UInt8])] = [
        (.route, Array("backend.apps.identity/api".utf8)),
        (.policy, Array("route:cf:app:app-guid".utf8)),
    ]
    var outcome = AccessLogSample.allowed
    /// Whether the head is rendered ahead, as for a request whose bytes are gone when the response ends.
    var rendersAhead = false

    static var allowed: AccessLogOutcome {
        var outcome = AccessLogOutcome()
        outcome.status = 200
        outcome.bytesReceived = 17
        outcome.bytesSent = 1234
        outcome.duration = 1_234_567
        outcome.upstreamDuration = 1_000_999
        outcome.authorization = .allowed
        return outcome
    }

    /// The bytes that the log file holds after `count` such requests.
    func render(count: Int = 1) throws -> [UInt8] {
        let file = TemporaryFile()
        let metrics = AccessLogMetrics(registry: MetricsRegistry())
        let log = try AccessLogWriter(
            configuration: self.configuration,
            destination: .file(path: file.path),
            metrics: metrics,
            logger: .silent
        )
        let buffer = AccessLogBuffer(log: log)
        for _ in 0..<count { self.append(to: buffer) }
        buffer.flush()
        log.close(within: .seconds(30))
        #expect(metrics.written.value == UInt64(count))
        #expect(metrics.dropped.value == 0)
        return file.bytes
    }

    func append(to buffer: AccessLogBuffer) {
        var head: [UInt8] = []
        func place(_ bytes: [UInt8]) -> AccessLogField {
            head += bytes
            return AccessLogField((head.count - bytes.count)..<head.count)
        }
        var request = AccessLogRequest(start: 1_774_001_700_123_456_789, isSecure: true, version: .http11)
        request.method = place(self.method)
        request.host = place(self.host)
        request.target = place(self.target)
        request.userAgent = place(self.userAgent)
        request.referer = place(self.referer)
        request.forwardedFor = place(self.forwardedFor)
        let connection = self.fragment(self.connection)
        let decision = self.fragment(self.decision)
        let upstream = self.upstream.map { self.fragment([(.upstream, $0)]) }
        if self.rendersAhead {
            var pending = AccessLogPending()
            buffer.begin(request, head: head.span, requestID: self.requestID.span, in: &pending)
            head = []
            buffer.append(&pending, self.outcome, connection: connection, upstream: upstream, decision: decision)
            // What was appended once is gone: a second record needs a second request.
            buffer.append(&pending, self.outcome, connection: connection, upstream: upstream, decision: decision)
        } else {
            buffer.append(
                request,
                head: head.span,
                requestID: self.requestID.span,
                self.outcome,
                connection: connection,
                upstream: upstream,
                decision: decision
            )
        }
    }

    private func fragment(_ fields: [(AccessLogKey, [UInt8])]) -> AccessLogFragment {
        var fragment = AccessLogFragment(self.configuration.form)
        for (key, value) in fields { fragment.add(key, value.span) }
        return fragment
    }
}
