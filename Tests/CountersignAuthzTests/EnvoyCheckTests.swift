import CountersignAuthentication
import CountersignIdentity
import CountersignProtobuf
import Testing

@testable import CountersignAuthz

/// Envoy's question over gRPC, and its answers.
@Suite struct EnvoyCheckTests {
    private func question(_ method: String, _ path: String, _ headers: [(String, String)] = []) -> [UInt8] {
        var message = ProtobufWriter()
        message.message(1) { attributes in
            attributes.message(4) { request in
                request.message(2) { http in
                    http.write(2, method)
                    for header in headers {
                        http.message(3) { entry in
                            entry.write(1, header.0)
                            entry.write(2, header.1)
                        }
                    }
                    http.write(4, path)
                    http.write(5, "crud.local")
                }
            }
        }
        return message.bytes
    }

    @Test func theQuestionSaysWhatTheClientAskedFor() throws {
        let peer = try IPAddress(parsing: "127.0.0.1")
        let check = try EnvoyCheck(question("GET", "/a?b", [("x-one", "1"), ("x-two", "2")]))
        let request = try #require(check.original(from: peer))
        #expect(request.method == "GET" && request.target == "/a?b" && request.host == "crud.local")
        #expect(request.values("X-Two") == ["2"] && request.values("X-Three") == [])
        #expect(request.client == nil)
    }

    @Test func aQuestionWithoutMethodOrPathIsNone() throws {
        let peer = try IPAddress(parsing: "127.0.0.1")
        #expect(try EnvoyCheck(question("", "/a")).original(from: peer) == nil)
        #expect(try EnvoyCheck(question("GET", "")).original(from: peer) == nil)
        #expect(try EnvoyCheck([]).original(from: peer) == nil)
    }

    @Test func brokenMessagesAreErrors() {
        let whole = question("GET", "/a")
        #expect(throws: ProtobufError.self) { _ = try EnvoyCheck(Array(whole.dropLast())) }
        #expect(throws: ProtobufError.self) { _ = try EnvoyCheck([0x0A, 0xFF]) }
    }

    @Test(arguments: [
        (RefusalCode.invalidRequest, 3, 400, true), (.certificateMissing, 16, 401, true),
        (.serviceNotAllowed, 7, 403, true), (.auditUnavailable, 14, 503, false),
    ])
    func refusalsHaveTheStatusOfBothProtocols(
        _ code: RefusalCode,
        _ grpc: UInt8,
        _ status: Int,
        _ isChallenged: Bool
    ) throws {
        let answer = EnvoyCheck.refused(AuthenticationRefusal(code, "why"))
        var reader = ProtobufReader(answer)
        let first = try #require(try reader.next())
        #expect(first.number == 1)
        let content = Array(try first.bytes())
        #expect(content.starts(with: [0x08, grpc]))
        let text = String(decoding: answer, as: UTF8.self)
        #expect(text.contains("\"status\":\(status)") && text.contains("\"code\":\"\(code.rawValue)\""))
        #expect(text.contains("www-authenticate") == isChallenged)
    }
}
