import CountersignHTTP1
import Testing

@Suite struct HeadLimitsTests {
    private let limits = HeadLimits(
        maxRequestLineBytes: 20,
        maxHeaderLineBytes: 24,
        maxHeadBytes: 80,
        maxHeaderCount: 3
    )

    @Test func `a request line may fill its limit and not pass it`() {
        let path = String(repeating: "p", count: 6)
        #expect(ScannedRequest("GET /\(path) HTTP/1.1\r\nHost: a\r\n\r\n", limits: limits).result == .complete)
        let longer = ScannedRequest("GET /\(path)p HTTP/1.1\r\nHost: a\r\n\r\n", limits: limits)
        #expect(longer.violation == .requestLineTooLong)
        #expect(longer.violation?.status == 414)
    }

    @Test func `a field line may fill its limit and not pass it`() {
        let value = String(repeating: "v", count: 21)
        let head = "GET / HTTP/1.1\r\nHost: a\r\n"
        #expect(ScannedRequest("\(head)X: \(value)\r\n\r\n", limits: limits).result == .complete)
        let longer = ScannedRequest("\(head)X: \(value)v\r\n\r\n", limits: limits)
        #expect(longer.violation == .fieldLineTooLong)
        #expect(longer.violation?.status == 431)
        #expect(ScannedRequest("\(head)X:   \(value)\r\n\r\n", limits: limits).violation == .fieldLineTooLong)
        #expect(ScannedRequest("\(head)\(value)vvv: v\r\n\r\n", limits: limits).violation == .fieldLineTooLong)
    }

    @Test func `a head may have as many fields as its limit and no more`() {
        let head = "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\n"
        #expect(ScannedRequest("\(head)\r\n", limits: limits).result == .complete)
        let longer = ScannedRequest("\(head)C: 3\r\n\r\n", limits: limits)
        #expect(longer.violation == .tooManyFields)
        #expect(longer.violation?.status == 431)
    }

    @Test func `a head may fill its limit and not pass it`() {
        let limits = HeadLimits(maxHeadBytes: 80)
        let head = "GET / HTTP/1.1\r\nHost: a\r\nX: "
        let value = String(repeating: "x", count: 80 - 4 - head.utf8.count)
        #expect(ScannedRequest("\(head)\(value)\r\n\r\n", limits: limits).result == .complete)
        let longer = ScannedRequest("\(head)\(value)x\r\n\r\n", limits: limits)
        #expect(longer.violation == .headTooLarge)
        #expect(longer.violation?.status == 431)
    }

    @Test func `lines that never end are refused as soon as they pass a limit`() {
        let target = String(repeating: "p", count: 14)
        #expect(ScannedRequest("GET /\(target)p", limits: limits).result == .needMore)
        #expect(ScannedRequest("GET /\(target)pp", limits: limits).violation == .requestLineTooLong)
        let value = String(repeating: "v", count: 22)
        #expect(ScannedRequest("GET / HTTP/1.1\r\nX:\(value)", limits: limits).result == .needMore)
        #expect(ScannedRequest("GET / HTTP/1.1\r\nX:\(value)v", limits: limits).violation == .fieldLineTooLong)
    }

    @Test func `a head that fills its limit without an end is not waited for`() {
        let limits = HeadLimits(maxHeadBytes: 80)
        let part = "GET / HTTP/1.1\r\nHost: a\r\nX: "
        let filled = part + String(repeating: "x", count: 80 - part.utf8.count)
        #expect(ScannedRequest(String(filled.dropLast()), limits: limits).result == .needMore)
        #expect(ScannedRequest(filled, limits: limits).violation == .headTooLarge)
    }

    @Test func `bytes behind the head do not count`() {
        let content = String(repeating: "x", count: 200)
        #expect(ScannedRequest("GET / HTTP/1.1\r\nHost: a\r\n\r\n\(content)", limits: limits).result == .complete)
    }

    @Test func `the defaults take common heads and refuse uncommonly large ones`() {
        func head(path: Int = 1, value: Int = 1, fields: Int = 1) -> String {
            let field = "X: \(String(repeating: "v", count: value))\r\n"
            let lines = String(repeating: field, count: fields)
            return "GET /\(String(repeating: "p", count: path)) HTTP/1.1\r\nHost: a\r\n\(lines)\r\n"
        }
        #expect(ScannedRequest(head(path: 8178)).result == .complete)
        #expect(ScannedRequest(head(path: 8179)).violation == .requestLineTooLong)
        #expect(ScannedRequest(head(value: 16_381)).result == .complete)
        #expect(ScannedRequest(head(value: 16_382)).violation == .fieldLineTooLong)
        #expect(ScannedRequest(head(fields: 99)).result == .complete)
        #expect(ScannedRequest(head(fields: 100)).violation == .tooManyFields)
        #expect(ScannedRequest(head(value: 16_000, fields: 4)).result == .complete)
        #expect(ScannedRequest(head(value: 16_380, fields: 4)).violation == .headTooLarge)
    }

    @Test(arguments: [Int.min, -1, 0, 1, Int.max])
    func `no limit makes the scanner or the boundary trap`(limit: Int) {
        let limits = HeadLimits(
            maxRequestLineBytes: limit,
            maxHeaderLineBytes: limit,
            maxHeadBytes: limit,
            maxHeaderCount: limit
        )
        let bytes = latin1("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n")
        let isUnlimited = limit == .max
        #expect((ScannedRequest(bytes, limits: limits).result == .complete) == isUnlimited)
        var boundary = HeadBoundary()
        #expect((boundary.advance(bytes.span, limits: limits) == .complete(bytes.count)) == isUnlimited)
    }
}
