import CountersignJSON
import CountersignPKI
import CountersignRouter
import Testing

@testable import CountersignRuntime

@Suite struct RevocationMessageTests {
    private func message(_ text: String) throws -> RevocationMessage {
        try RevocationMessage(line: Array(text.utf8))
    }

    @Test func `a revocation names the certificate by its issuer's key and its serial number`() throws {
        guard case .event(let event) = try message(RevocationText.event(7, serial: "0aFF")),
            case .revoke(let certificate) = event.change
        else {
            Issue.record("no revocation")
            return
        }
        #expect(event.sequence == 7)
        #expect(certificate.key == RevocationKey(issuerKeyIdentifier: [1, 2], serial: [0x0A, 0xFF]))
        #expect(certificate.reason == .keyCompromise)
        #expect(certificate.date == 1_769_851_800)
        #expect(certificate.notAfter > certificate.date)
    }

    @Test("the time since the call is read and bounded", arguments: [("1500", 1_500), ("-1", 0), ("9e9", nil)])
    func elapsed(_ text: String, _ microseconds: Int64?) throws {
        let line = RevocationText.event(7).dropLast() + ",\"elapsed_us\":\(text)}"
        guard let microseconds else {
            #expect(throws: JSONError.self) { try message(String(line)) }
            return
        }
        guard case .event(let event) = try message(String(line)) else {
            Issue.record("no event")
            return
        }
        #expect(event.elapsedMicroseconds == microseconds)
        var position = RevocationPosition()
        _ = position.take(.snapshot(epoch: "one", sequence: 6, entries: []))
        #expect(position.take(.event(event)).elapsedMicroseconds == microseconds)
    }

    @Test func `a removal from hold releases, and a reason of the future revokes`() throws {
        guard case .event(let release) = try message(RevocationText.event(1, reason: "removeFromCRL")),
            case .release(let key) = release.change
        else {
            Issue.record("no release")
            return
        }
        #expect(key == RevocationKey(issuerKeyIdentifier: [1, 2], serial: [0x0A]))
        guard case .event(let other) = try message(RevocationText.event(1, reason: "somethingNew")),
            case .revoke(let certificate) = other.change
        else {
            Issue.record("no revocation")
            return
        }
        #expect(certificate.reason == .unspecified)
    }

    @Test func `a serial number with an odd number of digits is read as a number`() throws {
        guard case .event(let event) = try message(RevocationText.event(1, serial: "abc")),
            case .revoke(let certificate) = event.change
        else {
            Issue.record("no revocation")
            return
        }
        #expect(certificate.key == RevocationKey(issuerKeyIdentifier: [1, 2], serial: [0x0A, 0xBC]))
    }

    @Test func `other types and members are passed over`() throws {
        guard case .unrelated = try message(#"{"type":"rotate","service":"users"}"#) else {
            Issue.record("not passed over")
            return
        }
        guard case .heartbeat(sequence: nil) = try message(#"{"type":"heartbeat","load":0.5}"#) else {
            Issue.record("no heartbeat")
            return
        }
    }

    @Test(arguments: [
        "", "garbage", "[]", "{}", #"{"type":1}"#, #"{"type":"snapshot","epoch":"e","sequence":1}"#,
        #"{"type":"snapshot","epoch":"e","sequence":-1,"entries":[]}"#,
        #"{"type":"snapshot","epoch":"","sequence":1,"entries":[]}"#,
        #"{"type":"snapshot","epoch":"e","sequence":1,"entries":[{}]}"#, #"{"type":"resumed","epoch":"e"}"#,
        RevocationText.event(1, serial: "xyz"), RevocationText.event(1, serial: ""),
        RevocationText.event(1, serial: String(repeating: "00", count: 65)), RevocationText.event(-1),
        RevocationText.event(1).replacing("2099-01-31T09:30:00Z", with: "soon"),
        RevocationText.event(1).replacing("0102", with: "01 2"), String(RevocationText.event(1).dropLast()),
    ])
    func `what is no message is refused with its place`(text: String) {
        #expect(throws: JSONError.self) { try message(text) }
    }

    @Test func `a poll answers with everything or with what follows`() throws {
        let entry = RevocationText.event(3)
        func poll(_ isSnapshot: Bool) throws -> [RevocationMessage] {
            let body = #"{"epoch":"e","sequence":3,"snapshot":\#(isSnapshot),"entries":[\#(entry)]}"#
            return try RevocationMessage.messages(poll: Array(body.utf8))
        }
        guard case .snapshot("e", 3, let entries) = try #require(try poll(true).first) else {
            Issue.record("no snapshot")
            return
        }
        #expect(entries.count == 1)
        let messages = try poll(false)
        guard messages.count == 2, case .resumed("e", 3) = messages[0], case .event(let event) = messages[1] else {
            Issue.record("no events")
            return
        }
        #expect(event.sequence == 3)
        #expect(throws: JSONError.self) { try RevocationMessage.messages(poll: Array("<html>".utf8)) }
    }
}
