import CountersignHTTP1
import Testing

@Suite struct ProtocolViolationTests {
    @Test func `metric labels are distinct lower-case words`() {
        let labels = ProtocolViolation.Code.allCases.map(\.metricLabel)
        #expect(Set(labels).count == labels.count)
        for label in labels {
            #expect(label.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x5F })
        }
    }

    @Test func `reasons are distinct`() {
        let reasons = ProtocolViolation.Code.allCases.map { "\($0.reason)" }
        #expect(Set(reasons).count == reasons.count)
    }

    @Test func `every status is one that refuses`() {
        let statuses = Set(ProtocolViolation.Code.allCases.map(\.status))
        #expect(statuses == [400, 414, 417, 431, 501, 502, 505])
    }

    @Test func `a violation says what is wrong and where, and equals others of its code`() {
        let violation = ProtocolViolation(.repeatedHost, at: 42)
        #expect("\(violation)" == "the Host field is repeated; exactly one is required (at byte 42)")
        #expect(violation == ProtocolViolation(.repeatedHost, at: 7))
        #expect(violation != ProtocolViolation(.missingHost, at: 42))
    }

    @Test func `the offset points at the fault`() {
        let request = ScannedRequest("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{1}\r\n\r\n")
        #expect(request.result == .violation(ProtocolViolation(.controlByte)))
        guard case .violation(let violation) = request.result else {
            return
        }
        #expect(request.bytes[violation.offset] == 1)
    }
}
