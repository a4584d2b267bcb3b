import CountersignHTTP1
import CountersignTransport
import Testing

@testable import CountersignRewriting

/// A session is kept with its instance by a cookie beside the backend's own.
@Suite struct StickySessionTests {
    private let plan = StickySessionPlan()

    @Test(arguments: [
        ("Cookie: JSESSIONID=abc; __VCAP_ID__=instance-7", "instance-7"),
        ("Cookie: a=b;__VCAP_ID__=instance-7;JSESSIONID=x", "instance-7"),
        ("cOOKIE: JSESSIONID=abc\r\nCookie: __VCAP_ID__=i", "i"),
        ("Cookie: __VCAP_ID__=instance-7", nil),
        ("Cookie: JSESSIONID=abc", nil),
        ("Cookie: JSESSIONID=abc; __VCAP_ID__=", nil),
        ("Cookie: jsessionid=abc; __VCAP_ID__=instance-7", nil),
        ("Cookie: XJSESSIONID=abc; __VCAP_ID__=instance-7", nil),
        ("Cookies: JSESSIONID=abc; __VCAP_ID__=instance-7", nil),
    ])
    func `a request names its instance beside a session of the backend`(_ lines: String, _ id: String?) {
        var scanner = RequestScanner(limits: HeadLimits())
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n".utf8)
        #expect(scanner.scan(bytes.span) == .complete)
        let fields = scanner.fields
        let found = unsafe bytes.withUnsafeBytes { bytes in
            unsafe StickySession.instance(in: fields, of: bytes, plan)
        }
        #expect(found.map { String(decoding: bytes[$0.start..<$0.end], as: UTF8.self) } == id)
    }

    @Test(arguments: [
        ("Set-Cookie: JSESSIONID=abc", "__VCAP_ID__=instance-7; Path=/v1; HttpOnly"),
        (
            "Set-Cookie: JSESSIONID=abc; Path=/; Secure; SameSite=Lax; HttpOnly",
            "__VCAP_ID__=instance-7; Path=/v1; HttpOnly; Secure; SameSite=Lax"
        ),
        (
            "Set-Cookie: JSESSIONID=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "__VCAP_ID__=instance-7; Path=/v1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly"
        ),
        (
            "Set-Cookie: JSESSIONID=a; Max-Age=60; Partitioned",
            "__VCAP_ID__=instance-7; Path=/v1; HttpOnly; Partitioned"
        ),
        ("Set-Cookie: other=abc", nil),
        ("Set-Cookie: JSESSIONID=abc\r\nSet-Cookie: __VCAP_ID__=own", nil),
        ("X-Nothing: here", nil),
    ])
    func `a response that begins a session gets the router's cookie`(_ lines: String, _ cookie: String?) {
        #expect(written(lines, hadSession: false) == cookie.map { "Set-Cookie: \($0)\r\n" } ?? "")
    }

    @Test func `a session that has moved is told so`() {
        let cookie = "Set-Cookie: __VCAP_ID__=instance-7; Path=/v1; HttpOnly\r\n"
        #expect(written("X-Nothing: here", hadSession: true) == cookie)
    }

    @Test func `a name that no cookie can hold is not written`() {
        #expect(written("Set-Cookie: JSESSIONID=abc", hadSession: false, "a; Domain=x") == "")
    }

    private func written(_ lines: String, hadSession: Bool, _ instance: String = "instance-7") -> String {
        var scanner = ResponseScanner(limits: HeadLimits())
        let bytes = Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\(lines)\r\n\r\n".utf8)
        #expect(scanner.scan(bytes.span, requestMethod: .get) == .complete)
        let fields = scanner.fields
        let out = ByteQueue()
        unsafe bytes.withUnsafeBytes { bytes in
            let cookie = unsafe StickySession.cookie(in: fields, of: bytes, plan, hadSession: hadSession)
            unsafe cookie?.write(Array(instance.utf8), path: "/v1", in: bytes, to: out)
        }
        return unsafe String(decoding: out.readable, as: UTF8.self)
    }
}
