import CountersignJSON
import Testing

@testable import CountersignAudit
@testable import CountersignAuthentication

/// What an event says, and what it does not.
@Suite struct AuditRecordTests {
    private static let event = event()

    private static func event(
        time: Int64 = 1_774_001_700_123,
        method: String = "GET",
        host: String = "crud.local",
        path: String = "/execute",
        caller: String = "arn:crud:iam:::device/7"
    ) -> AuditEvent {
        AuditEvent(
            time: time,
            isSuccess: true,
            reason: nil,
            mode: .mtlsOnly,
            method: method,
            host: host,
            path: path,
            thumbprint: String(repeating: "ab", count: 32),
            caller: caller
        )
    }

    private func text(_ event: AuditEvent) -> String {
        let record = AuditRecord(event, source: .authz, id: AuditIdentifier.Sequence().next())
        return String(decoding: record.line, as: UTF8.self)
    }

    @Test func aSuccessNamesItsCaller() {
        let line = text(Self.event)
        #expect(line.hasPrefix("{\"version\":1,\"id\":\"") && line.hasSuffix("}\n"))
        #expect(
            line.contains("\"time\":\"2026-03-20T10:15:00.123Z\",\"source\":\"authz\",\"event\":\"mtls_auth_success\"")
        )
        #expect(
            line.contains("\"mode\":\"mtls_only\",\"method\":\"GET\",\"host\":\"crud.local\",\"path\":\"/execute\"")
        )
        #expect(line.contains("\"caller\":\"arn:crud:iam:::device/7\"") && !line.contains("reason"))
    }

    @Test func aFailureSaysWhyAndAWaiverWhat() {
        var event = Self.event
        event.reason = .certificateMissing
        #expect(text(event).contains("\"waived\":\"certificate_missing\"") && !text(event).contains("\"reason\""))
        event.isSuccess = false
        #expect(text(event).contains("\"reason\":\"certificate_missing\"") && !text(event).contains("\"waived\""))
    }

    @Test func textsAreCutBetweenCharacters() {
        #expect(AuditText.bounded("abc", 3) == ("abc", false))
        #expect(AuditText.bounded("abcd", 3) == ("abc", true))
        #expect(AuditText.bounded("aéé", 4) == ("aé", true))
        #expect(AuditText.bounded("😀", 3) == ("", true))
    }

    @Test func theLargestEventFitsIntoTheSpool() {
        // A control character takes six bytes of JSON.
        let long = String(repeating: "\u{1}", count: 5000)
        let event = Self.event(method: long, host: long, path: "/" + long, caller: long)
        let record = AuditRecord(event, source: .authz, id: AuditIdentifier.Sequence().next())
        #expect(AuditMessage(record).payload.count < 32 * 1024)
        #expect((try? JSONValue(parsing: record.line)) != nil)
    }

    @Test func identifiersOfARunAreNumbered() {
        let (sequence, other) = (AuditIdentifier.Sequence(), AuditIdentifier.Sequence())
        let texts = (0..<3).map { _ in sequence.next().text }
        #expect(texts.allSatisfy { $0.utf8.count == 33 && $0.prefix(17) == texts[0].prefix(17) })
        #expect(texts.map { String($0.suffix(16)) } == ["0000000000000001", "0000000000000002", "0000000000000003"])
        #expect(other.next().text.prefix(16) != texts[0].prefix(16))
    }

    @Test func theKeyIsTheCallerOrTheCertificateOrTheEvent() {
        var event = Self.event
        func key() -> String {
            let record = AuditRecord(event, source: .authz, id: AuditIdentifier.Sequence().next())
            return String(decoding: record.key, as: UTF8.self)
        }
        #expect(key() == "arn:crud:iam:::device/7")
        event.caller = nil
        #expect(key() == event.thumbprint)
        event.thumbprint = nil
        #expect(key().hasSuffix("-0000000000000001"))
    }

    @Test(arguments: [0, 9_223_372_036_854])
    func timesThatCanBeComeOutOfTheSpool(_ time: Int64) {
        let record = AuditRecord(Self.event(time: time), source: .authz, id: AuditIdentifier.Sequence().next())
        let message = AuditMessage(record)
        #expect(message.time == time && AuditMessage(payload: message.payload) == message)
        #expect(message.timeInNanoseconds == time * 1_000_000)
    }

    @Test(arguments: [Int64.min, -1, 9_223_372_036_855, .max])
    func timesThatCannotBeAreDamageAndNeverWritten(_ time: Int64) {
        let record = AuditRecord(Self.event(time: time), source: .authz, id: AuditIdentifier.Sequence().next())
        var payload = AuditMessage(record).payload
        #expect(AuditMessage(payload: payload).map { AuditMessage.times.contains($0.time) } == true)
        for place in 0..<8 { payload[1 + place] = UInt8(truncatingIfNeeded: time >> Int64(56 - 8 * place)) }
        #expect(AuditMessage(payload: payload) == nil)
    }

    @Test func messagesComeOutOfTheSpoolAsTheyWentIn() {
        let message = AuditMessage(AuditRecord(Self.event, source: .authz, id: AuditIdentifier.Sequence().next()))
        #expect(AuditMessage(payload: message.payload) == message)
        #expect(message.time == Self.event.time && message.content.last == UInt8(ascii: "}"))
        for length in 0..<11 { #expect(AuditMessage(payload: Array(message.payload.prefix(length))) == nil) }
        #expect(AuditMessage(payload: [2] + message.payload.dropFirst()) == nil)
        #expect(AuditMessage(payload: [1] + [UInt8](repeating: 0xFF, count: 20)) == nil)
    }
}
