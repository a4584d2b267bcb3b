import CountersignPKI
import Testing

@testable import CountersignAuthority

@Suite struct OCSPAnswerCacheTests {
    /// Counts signatures; the answer is the count.
    private final class Signer {
        private(set) var count: UInt8 = 0

        func sign() -> [UInt8] {
            count += 1
            return [count]
        }
    }

    private let signer = Signer()

    private func id(_ serial: UInt8) throws -> OCSPCertificateID {
        let digest: [UInt8] = [0x30, 0x09, 0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A, 0x05, 0x00]
        let hash: [UInt8] = [0x04, 0x14] + [UInt8](repeating: 7, count: 20)
        let certificate = sequence(digest + hash + hash + [0x02, 0x01, serial])
        let request = try OCSPRequest(der: sequence(sequence(sequence(sequence(certificate)))))
        return try #require(request.certificates.first)
    }

    private func sequence(_ content: [UInt8]) -> [UInt8] { [0x30, UInt8(content.count)] + content }

    private func ask(_ cache: OCSPAnswerCache, _ serial: UInt8, _ status: OCSPStatus, now: Int64) throws -> [UInt8] {
        try cache.answer(about: try id(serial), status: status, now: now) { () throws(PKIError) in signer.sign() }.body
    }

    @Test func `an answer is sent again while it is fresh and no longer`() throws {
        let cache = OCSPAnswerCache(freshSeconds: 30)
        #expect(try ask(cache, 1, .good, now: 1_000) == [1])
        #expect(try ask(cache, 1, .good, now: 1_029) == [1])
        #expect(try ask(cache, 2, .good, now: 1_029) == [2])
        #expect(try ask(cache, 1, .good, now: 1_030) == [3])
        // The clock was set back: what was signed in the future is not used.
        #expect(try ask(cache, 1, .good, now: 900) == [4])
    }

    @Test func `a changed status is signed at once`() throws {
        let cache = OCSPAnswerCache(freshSeconds: 30)
        #expect(try ask(cache, 1, .good, now: 1_000) == [1])
        let held = OCSPStatus.revoked(date: 1_000, reason: .certificateHold)
        #expect(try ask(cache, 1, held, now: 1_000) == [2])
        #expect(try ask(cache, 1, held, now: 1_001) == [2])
        #expect(try ask(cache, 1, .revoked(date: 1_001, reason: .keyCompromise), now: 1_001) == [3])
        #expect(try ask(cache, 1, .good, now: 1_002) == [4])
    }

    @Test func `what nobody issued pushes nothing out`() throws {
        let cache = OCSPAnswerCache(freshSeconds: 30, capacity: 2)
        #expect(try ask(cache, 1, .good, now: 1_000) == [1])
        for serial in UInt8(10)..<20 { _ = try ask(cache, serial, .unknown, now: 1_000) }
        #expect(try ask(cache, 1, .good, now: 1_000) == [1])
        #expect(try ask(cache, 10, .unknown, now: 1_000) == [12])
    }

    @Test func `beyond its capacity everything is forgotten`() throws {
        let cache = OCSPAnswerCache(freshSeconds: 30, capacity: 2)
        for serial in UInt8(1)...3 { _ = try ask(cache, serial, .good, now: 1_000) }
        #expect(try ask(cache, 1, .good, now: 1_000) == [4])
        #expect(try ask(cache, 3, .good, now: 1_000) == [3])
    }
}
