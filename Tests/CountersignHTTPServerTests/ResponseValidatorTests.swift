import CountersignHTTPServer
import Testing

/// Conditional requests, and the dates in them.
@Suite struct ResponseValidatorTests {
    private let validators = ResponseValidators(entityTag: "v1", lastModified: 784_111_777)
    private let response = ServerResponse(
        status: 200,
        contentType: "text/plain",
        fields: [("Cache-Control", "max-age=60")],
        body: [1, 2, 3]
    )

    @Test(arguments: [
        ("If-None-Match", "\"v1\"", 304), ("If-None-Match", "\"v0\", W/\"v1\"", 304), ("If-None-Match", "*", 304),
        ("If-None-Match", "\"v2\"", 200), ("If-None-Match", "v1", 200), ("If-None-Match", "", 200),
        ("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT", 304),
        ("If-Modified-Since", "Sun, 06 Nov 1994 08:49:38 GMT", 304),
        ("If-Modified-Since", "Sun, 06 Nov 1994 08:49:36 GMT", 200), ("If-Modified-Since", "yesterday", 200),
        ("X-Other", "x", 200),
    ])
    func `a client that has the content is told so`(name: String, value: String, status: Int) throws {
        for method in ["GET", "HEAD"] {
            let request = try ServerRequest(composing: method, "/", fields: [(name, value)])
            let answer = response.validated(by: validators, for: request)
            #expect(answer.status == status)
            #expect(answer.body.isEmpty == (status == 304))
            #expect(answer.fields.map(\.name) == ["Cache-Control", "ETag", "Last-Modified"])
        }
    }

    @Test func `an entity tag goes before a date`() throws {
        let fields = [
            (name: "If-None-Match", value: "\"v2\""),
            (name: "If-Modified-Since", value: "Sun, 06 Nov 1994 08:49:37 GMT"),
        ]
        let request = try ServerRequest(composing: "GET", "/", fields: fields)
        #expect(response.validated(by: validators, for: request).status == 200)
    }

    @Test func `only reads of a good answer are conditional`() throws {
        let post = try ServerRequest(composing: "POST", "/", fields: [("If-None-Match", "*")])
        #expect(response.validated(by: validators, for: post).status == 200)
        let get = try ServerRequest(composing: "GET", "/", fields: [("If-None-Match", "*")])
        #expect(ServerResponse.text(404, "no").validated(by: validators, for: get).status == 404)
    }

    @Test(arguments: [
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 GMT"),
    ])
    func `a date is written and read`(seconds: Int64, text: String) {
        #expect(HTTPDate.text(unixSeconds: seconds) == text)
        #expect(HTTPDate.unixSeconds(text) == seconds)
    }

    @Test(arguments: [
        "", "Sun, 06 Nov 1994 08:49:37 UTC", "Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
    ])
    func `what is no date of that form is none`(text: String) {
        #expect(HTTPDate.unixSeconds(text) == nil)
    }

    @Test func `a request's query and fields are found by name`() throws {
        let fields = [(name: "X-A", value: "1"), (name: "x-a", value: "2")]
        let request = try ServerRequest(composing: "GET", "/p?a=1%202&b+c=d&e&a=3", fields: fields)
        #expect(request.path == "/p")
        #expect(request.queryValue("a") == "1 2")
        #expect(request.queryValue("b c") == "d")
        #expect(request.queryValue("e") == "")
        #expect(request.queryValue("f") == nil)
        #expect(request.field("X-a") == "1")
        #expect(request.values(of: "x-A") == ["1", "2"])
        #expect(request.field("X") == nil)
        #expect(request.host == "composed.invalid")
    }

    @Test func `a query's parameters are decoded whole or not at all`() throws {
        let request = try ServerRequest(composing: "GET", "/p?a=1%202&b+c=%C3%A9&e&&x=%&y=%ff&z=%4g&%zz=1")
        let expected: [(name: String, value: String?)] = [
            ("a", "1 2"), ("b c", "\u{E9}"), ("e", ""), ("x", nil), ("y", nil), ("z", nil), ("%zz", "1"),
        ]
        #expect(request.queryParameters.map(\.name) == expected.map(\.name))
        #expect(request.queryParameters.map(\.value) == expected.map(\.value))
    }
}
