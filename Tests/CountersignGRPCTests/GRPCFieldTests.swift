import CountersignGRPC
import Testing

@Suite struct GRPCFieldTests {
    @Test(
        arguments: [
            ("1H", Duration.seconds(3600)), ("2M", .seconds(120)), ("30S", .seconds(30)), ("100m", .milliseconds(100)),
            ("5u", .microseconds(5)), ("7n", .nanoseconds(7)), ("99999999H", .seconds(99_999_999 * 3600)),
        ]
    )
    func `reads a timeout`(field: String, duration: Duration) {
        #expect(GRPCTimeout.duration(field) == duration)
    }

    @Test(arguments: ["", "S", "1", "-1S", "1s", "100000000S", "1 S", "1.5S", "0x1S"])
    func `reads nothing else as a timeout`(field: String) {
        #expect(GRPCTimeout.duration(field) == nil)
    }

    @Test(arguments: [Duration.milliseconds(50), .seconds(5), .seconds(100_000), .seconds(480_000_000), .zero])
    func `writes a timeout that is read as the same`(duration: Duration) {
        #expect(GRPCTimeout.duration(GRPCTimeout.field(duration)) == duration)
    }

    @Test func `writes what is over as no time`() {
        #expect(GRPCTimeout.field(.seconds(-1)) == "0n")
    }

    @Test(arguments: [("plain words", "plain words"), ("50 % of ä\n", "50 %25 of %C3%A4%0A"), ("", "")])
    func `encodes the words of a status`(message: String, field: String) {
        #expect(GRPCStatus(.unknown, message).encodedMessage == field)
        #expect(GRPCStatus.decodeMessage(field) == message)
    }

    @Test(arguments: ["%", "%4", "%zz", "100%"])
    func `leaves words that are not encoded as they are`(field: String) {
        #expect(GRPCStatus.decodeMessage(field) == field)
    }

    @Test func `reads a request head`() throws {
        let text = "POST /a.B/C HTTP/1.1\r\nhost: x\r\ncontent-type: application/grpc+proto\r\nte: trailers\r\n"
        let head = try GRPCRequestHead(Array("\(text)grpc-timeout: 2S\r\nkey: one\r\nkey: two\r\n\r\n".utf8))
        #expect(head.path == "/a.B/C")
        #expect(head.timeout == .seconds(2))
        #expect(head.values("key") == ["one", "two"])
        #expect(head.values("missing") == [])
    }

    @Test(
        arguments: [
            ("GET / HTTP/1.1\r\ncontent-type: application/grpc\r\n\r\n", GRPCRequestHead.Fault.method),
            ("POST / HTTP/1.1\r\n\r\n", .contentType),
            ("POST / HTTP/1.1\r\ncontent-type: application/grpc-web\r\n\r\n", .contentType),
            ("POST / HTTP/1.1\r\ncontent-type: application/json\r\n\r\n", .contentType),
            ("POST / HTTP/1.1\r\ncontent-type: application/grpc\r\ngrpc-timeout: soon\r\n\r\n", .malformed),
            ("", .malformed),
        ]
    )
    func `refuses what is no call`(text: String, fault: GRPCRequestHead.Fault) {
        #expect(throws: fault) { try GRPCRequestHead(Array(text.utf8)) }
    }

    @Test func `reads trailers`() {
        let trailers = GRPCTrailers(Array("grpc-status: 7\r\ngrpc-message: no%20identity\r\n".utf8))
        #expect(trailers.status == GRPCStatus(.permissionDenied, "no identity"))
        #expect(trailers.httpStatus == nil)
    }

    @Test(arguments: ["", "grpc-status: 99\r\n", "grpc-status: ok\r\n"])
    func `reads a missing status as unknown`(text: String) {
        #expect(GRPCTrailers(Array(text.utf8)).status.code == .unknown)
    }
}
