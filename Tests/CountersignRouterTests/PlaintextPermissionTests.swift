import CountersignPKI
import CountersignTLS
import Testing

@testable import CountersignRouter

/// Nothing is sent in plain text where TLS is asked, but to an endpoint without TLS of which that is allowed.
@Suite struct PlaintextPermissionTests {
    private let strict: UpstreamSecurity
    private let lax: UpstreamSecurity

    init() throws {
        let upstream = try TestUpstream()
        strict = try #require(try upstream.security())
        lax = try #require(try upstream.security(allowsFallback: true))
    }

    @Test func `a plain endpoint is sent plain text, one over TLS is not`() {
        #expect(PlaintextPermission(for: nil) != nil)
        #expect(PlaintextPermission(for: strict) == nil)
        #expect(PlaintextPermission(for: lax) == nil)
    }

    @Test func `an endpoint without TLS is sent plain text where that is allowed, and only there`() {
        #expect(PlaintextPermission(insteadOf: lax, after: .notTLS) != nil)
        #expect(PlaintextPermission(insteadOf: strict, after: .notTLS) == nil)
    }

    @Test(arguments: ChainRejection.Code.allCases)
    func `a rejected certificate never leads to plain text`(code: ChainRejection.Code) {
        let failure = UpstreamFailure.rejected(ChainRejection(code, "why"))
        #expect(PlaintextPermission(insteadOf: lax, after: failure) == nil)
    }

    @Test func `neither does a refusal of the router, nor an end within the handshake`() {
        for failure in [
            UpstreamFailure.identityRefused(alert: 48), .identityMissing, .refused, .closed(answered: true),
            .timedOut(isTLS: true, answered: true), .handshake(.alertReceived(40)),
        ] {
            #expect(PlaintextPermission(insteadOf: lax, after: failure) == nil)
        }
    }
}
