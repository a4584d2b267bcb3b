import Testing

@testable import CountersignTelemetry

@Suite struct AccessLogBufferTests {
    @Test(arguments: [false, true])
    func `writes every field as JSON`(rendersAhead: Bool) throws {
        var sample = AccessLogSample()
        sample.rendersAhead = rendersAhead
        let json = try StrictJSON(parsing: Self.onlyLine(of: sample))
        #expect(
            json
                == .object([
                    "time": .string("2026-03-20T10:15:00.123Z"),
                    "request_id": .string("0f8fad5b-d9cb-469f-a165-70867728950e"),
                    "host": .string("backend.apps.identity"), "method": .string("GET"),
                    "target": .string("/api/data?page=2"), "scheme": .string("https"), "protocol": .string("HTTP/1.1"),
                    "user_agent": .string("curl/8.5.0"), "referer": .string("https://portal.example/a?b=c"),
                    "x_forwarded_for": .string("10.0.1.5"), "status": .number(200), "bytes_received": .number(17),
                    "bytes_sent": .number(1234), "duration_us": .number(1234), "upstream_duration_us": .number(1000),
                    "remote_addr": .string("10.0.1.5:51234"), "tls_version": .string("TLSv1.3"),
                    "tls_cipher": .string("TLS_AES_128_GCM_SHA256"), "tls_sni": .string("backend.apps.identity"),
                    "caller_cf_app": .string("app-guid"), "caller_cf_space": .string("space-guid"),
                    "caller_cf_org": .string("org-guid"), "caller_spiffe_id": .string("spiffe://example.org/frontend"),
                    "upstream": .string("10.0.2.9:61002"), "route": .string("backend.apps.identity/api"),
                    "mtls_policy": .string("route:cf:app:app-guid"), "mtls_auth": .string("allowed"),
                ])
        )
    }

    @Test(arguments: [false, true])
    func `writes the text form with its fields in place`(rendersAhead: Bool) throws {
        var sample = AccessLogSample()
        sample.configuration.form = .text
        sample.rendersAhead = rendersAhead
        let line = String(decoding: try Self.onlyLine(of: sample), as: UTF8.self)
        #expect(
            line == """
                backend.apps.identity - [2026-03-20T10:15:00.123Z] "GET /api/data?page=2 HTTP/1.1" 200 17 1234 \
                "https://portal.example/a?b=c" "curl/8.5.0" "10.0.1.5:51234" "10.0.2.9:61002" \
                x_forwarded_for:"10.0.1.5" x_forwarded_proto:"https" \
                vcap_request_id:"0f8fad5b-d9cb-469f-a165-70867728950e" response_time:0.001234 upstream_time:0.001000 \
                tls_version:"TLSv1.3" tls_cipher:"TLS_AES_128_GCM_SHA256" tls_sni:"backend.apps.identity" \
                caller_cf_app:"app-guid" caller_cf_space:"space-guid" caller_cf_org:"org-guid" \
                caller_spiffe_id:"spiffe://example.org/frontend" route:"backend.apps.identity/api" \
                mtls_policy:"route:cf:app:app-guid" mtls_auth:"allowed"
                """
        )
    }

    @Test func `says why a request was denied and leaves out what is not known`() throws {
        var sample = AccessLogSample()
        sample.upstream = nil
        sample.connection = []
        sample.decision = [(.policy, Array("domain:scope=org".utf8))]
        sample.userAgent = []
        sample.referer = []
        sample.forwardedFor = []
        sample.requestID = []
        sample.outcome = AccessLogOutcome()
        sample.outcome.status = 403
        sample.outcome.authorization = .denied
        sample.outcome.deniedReason = "caller org does not match"
        sample.outcome.error = "policy \"denied\""
        let json = try StrictJSON(parsing: Self.onlyLine(of: sample))
        #expect(json[text: "mtls_auth"] == "denied")
        #expect(json[text: "mtls_denied_reason"] == "caller org does not match")
        #expect(json[text: "error"] == "policy \"denied\"")
        for name in ["upstream", "upstream_duration_us", "user_agent", "referer", "request_id", "tls_sni"] {
            #expect(json[name] == nil, "\(name)")
        }
        sample.configuration.form = .text
        let line = String(decoding: try Self.onlyLine(of: sample), as: UTF8.self)
        #expect(line.contains(#" 403 0 0 "-" "-" "-" "-" x_forwarded_for:"-""#))
        #expect(line.contains("upstream_time:- "))
        #expect(line.hasSuffix(#"mtls_denied_reason:"caller org does not match" error:"policy \"denied\"""#))
    }

    @Test(arguments: AccessLogForm.allCases)
    func `keeps queries out of the log when told to`(form: AccessLogForm) throws {
        var sample = AccessLogSample()
        sample.configuration.form = form
        let plain = String(decoding: try Self.onlyLine(of: sample), as: UTF8.self)
        #expect(plain.contains("page=2") && plain.contains("b=c"))
        sample.configuration.redactsQueries = true
        let redacted = String(decoding: try Self.onlyLine(of: sample), as: UTF8.self)
        #expect(!redacted.contains("page=2") && !redacted.contains("b=c"))
        #expect(redacted.contains("/api/data?redacted") && redacted.contains("/a?redacted"))
    }

    @Test func `cuts fields that would flood the log`() throws {
        var sample = AccessLogSample()
        sample.target = [UInt8](repeating: 0x01, count: 1_000_000)
        let line = try Self.onlyLine(of: sample)
        #expect(line.count < 4096 * 6 + 2000)
        #expect(try StrictJSON(parsing: line)[text: "target"]?.hasSuffix("...") == true)
    }

    @Test func `reads fields beyond the head as absent`() throws {
        let head: [UInt8] = Array("GET".utf8)
        #expect(AccessLogField(1..<99).range(in: head.span) == 1..<3)
        #expect(AccessLogField(50..<99).range(in: head.span).isEmpty)
        #expect(AccessLogField(0..<Int.max) == .absent)
        #expect(AccessLogField(-5..<3) == .absent)
        #expect(AccessLogField(offset: .max, count: .max).range(in: head.span).isEmpty)
    }

    @Test func `leaves out a fragment of the other form`() throws {
        var sample = AccessLogSample()
        sample.connection = []
        let file = TemporaryFile()
        let log = try AccessLogWriter(
            destination: .file(path: file.path),
            metrics: AccessLogMetrics(registry: MetricsRegistry()),
            logger: .silent
        )
        let buffer = AccessLogBuffer(log: log)
        var foreign = AccessLogFragment(.text)
        foreign.add(.tlsSNI, "x")
        let request = AccessLogRequest(start: 0, isSecure: false, version: .http2)
        let none: [UInt8] = []
        buffer.append(
            request,
            head: none.span,
            requestID: none.span,
            AccessLogOutcome(),
            connection: foreign,
            upstream: nil,
            decision: nil
        )
        buffer.flush()
        log.close(within: .seconds(30))
        let json = try StrictJSON(parsing: Array(file.bytes.dropLast()))
        #expect(json["tls_sni"] == nil)
        #expect(json[text: "scheme"] == "http" && json[text: "protocol"] == "HTTP/2.0")
        #expect(json[text: "mtls_auth"] == "none")
    }

    @Test(arguments: [AccessLogForm.json, .text])
    func `a fragment in two parts says what one in a piece does`(form: AccessLogForm) {
        var (first, second, whole) = (AccessLogFragment(form), AccessLogFragment(form), AccessLogFragment(form))
        first.add(.remoteAddress, "10.0.0.1:1")
        first.add(.tlsSNI, "a.example")
        second.add(.upstream, "10.0.0.2:2")
        second.add(.callerSPIFFEID, "spiffe://example.org/a")
        whole.add(.remoteAddress, "10.0.0.1:1")
        whole.add(.tlsSNI, "a.example")
        whole.add(.upstream, "10.0.0.2:2")
        whole.add(.callerSPIFFEID, "spiffe://example.org/a")
        first.add(second)
        #expect(Self.positional(first) == Self.positional(whole) && Self.named(first) == Self.named(whole))
    }

    @Test func `a fragment takes nothing from one of the other form`() {
        var fragment = AccessLogFragment(.json)
        var foreign = AccessLogFragment(.text)
        foreign.add(.tlsSNI, "a.example")
        fragment.add(foreign)
        #expect(Self.named(fragment).isEmpty)
    }

    private static func named(_ fragment: AccessLogFragment) -> [UInt8] {
        var writer = ByteWriter()
        fragment.appendNamed(to: &writer)
        return writer.bytes
    }

    private static func positional(_ fragment: AccessLogFragment) -> [UInt8] {
        var writer = ByteWriter()
        fragment.appendPositional(to: &writer)
        return writer.bytes
    }

    static func onlyLine(of sample: AccessLogSample) throws -> [UInt8] {
        let bytes = try sample.render()
        #expect(bytes.last == 0x0A)
        #expect(bytes.count { $0 == 0x0A } == 1)
        return Array(bytes.dropLast())
    }
}
