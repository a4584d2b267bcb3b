import CountersignPKI
import CountersignTLS
import CountersignTelemetry
import Testing

@testable import CountersignRouter

/// What becomes of a request whose endpoint does not come up to what is asked of it in TLS.
@Suite struct UpstreamFailureTests {
    @Test(arguments: ChainRejection.Code.allCases)
    func `a rejected certificate is 503 for its name, 526 for all else, and never fallen back from`(
        code: ChainRejection.Code
    ) {
        let failure = UpstreamFailure(.certificateRejected(ChainRejection(code, "why")))
        let isTransient = code == .revocationUnknown
        let isName = code == .nameMismatch || code == .invalidSPIFFE
        #expect(failure.error.status == (isName || isTransient ? 503 : 526))
        #expect(failure.reason == code.rawValue && failure.explanation == "why")
        #expect(failure.suspends == !isTransient)
        #expect(!failure.meansNoTLS)
        #expect(failure.kind == .identityRejected)
    }

    @Test(arguments: [(42, 496), (43, 496), (44, 496), (45, 496), (46, 496), (48, 496), (49, 496), (116, 496)])
    func `an alert about the router's certificate is 496`(alert: UInt8, status: Int) {
        let failure = UpstreamFailure(.alertReceived(alert))
        #expect(failure.error.status == status && failure.kind == .identityRefused && failure.suspends)
    }

    @Test(arguments: [10, 20, 40, 47, 50, 51, 70, 80, 112, 120] as [UInt8])
    func `any other alert is 525 and leaves nobody out`(alert: UInt8) {
        let failure = UpstreamFailure(.alertReceived(alert))
        #expect(failure.error.status == 525 && failure.kind == .handshakeFailed && !failure.suspends)
        #expect(!failure.meansNoTLS)
    }

    @Test func `only an endpoint that never began to speak TLS may be taken for one without`() {
        #expect(UpstreamFailure.notTLS.meansNoTLS)
        #expect(UpstreamFailure.closed(answered: false).meansNoTLS)
        #expect(UpstreamFailure.timedOut(isTLS: true, answered: false).meansNoTLS)
        #expect(!UpstreamFailure.closed(answered: true).meansNoTLS)
        #expect(!UpstreamFailure.timedOut(isTLS: true, answered: true).meansNoTLS)
        #expect(!UpstreamFailure.timedOut(isTLS: false, answered: false).meansNoTLS)
        #expect(!UpstreamFailure.refused.meansNoTLS)
        #expect(!UpstreamFailure.identityMissing.meansNoTLS)
        #expect(!UpstreamFailure.handshake(.timeout).meansNoTLS)
    }

    @Test func `what has nothing to do with TLS is told as before`() {
        #expect(UpstreamFailure.refused.error == .endpointFailure && !UpstreamFailure.refused.isAboutTLS)
        let timeout = UpstreamFailure.timedOut(isTLS: false, answered: false)
        #expect(timeout.error == .endpointTimeout && !timeout.isAboutTLS && timeout.handshakeResult == nil)
        #expect(UpstreamFailure.timedOut(isTLS: true, answered: false).isAboutTLS)
    }
}
