import CountersignAuthentication
import CountersignIdentity
import CountersignIdentityMapping
import CountersignPKI
import Testing

/// Certificates of the request's own connection, as they are judged at the time of the request.
@Suite struct ConnectionCertificateTests {
    /// A peer as the handshake found it.
    private func peer(_ scene: Scene) throws -> VerifiedPeer {
        let trust = try TrustStore(pem: scene.authority.trustBundlePEM)
        let chain = UnverifiedPeerChain(derCertificates: scene.leaf.certificate.chainDER)
        return try ChainVerifier(trust: trust, purpose: .client).verify(chain, atUnixSeconds: Scene.now).get()
    }

    private func judge(
        _ scene: Scene,
        _ client: Result<VerifiedPeer, ChainRejection>?,
        _ token: (String, String) = Scene.token(nil)
    ) throws -> InboundVerdict {
        let request = InboundRequest(
            peer: try IPAddress(parsing: "198.51.100.1"),
            method: "GET",
            host: "crud.local",
            target: "/users",
            client: client,
            shownCertificate: try peer(scene).leafDER,
            values: { $0 == token.0 ? [token.1] : [] }
        )
        return InboundAuthenticator(scene.settings).authenticate(request, atUnixMilliseconds: Scene.now * 1000)
    }

    private func code(_ verdict: InboundVerdict) -> RefusalCode? {
        if case .failure(let refusal) = verdict.result { refusal.code } else { nil }
    }

    private static let rejections: [(ChainRejection.Code, RefusalCode)] = [
        (.expired, .certificateExpired), (.notYetValid, .certificateNotYetValid), (.revoked, .certificateRevoked),
        (.unknownIssuer, .certificateUntrusted),
    ]

    @Test(arguments: InboundAuthMode.allCases, rejections.indices)
    func oneThatIsGoodNoMoreIsRefusedWhereverOneIsLookedAt(mode: InboundAuthMode, index: Int) throws {
        let scene = try Scene(mode)
        let (rejection, refusal) = Self.rejections[index]
        let verdict = try judge(scene, .failure(ChainRejection(rejection, "")))
        #expect(code(verdict) == (mode == .bearerOnly ? nil : refusal))
        #expect(verdict.audit.thumbprint == (mode == .bearerOnly ? nil : scene.thumbprint?.hexadecimal))
    }

    @Test func aSuccessNamesTheCertificateThatCounted() throws {
        let scene = try Scene(.bearerPlusMTLSOptional)
        let good = try judge(scene, .success(try peer(scene)))
        #expect(code(good) == nil && good.hasThumbprint)
        #expect(good.audit.thumbprint == scene.thumbprint?.hexadecimal)
        // What was shown and not judged counts for nothing.
        let none = try judge(scene, nil)
        #expect(code(none) == nil && none.audit.thumbprint == nil && !none.hasThumbprint)
    }

    @Test func withoutEnforcementTheRefusalIsWaivedAndTheCertificateShown() throws {
        var scene = try Scene(.bearerPlusMTLSRequired)
        scene.settings.isEnforcing = false
        let verdict = try judge(scene, .failure(ChainRejection(.revoked, "")), Scene.token(scene.thumbprint))
        #expect(try verdict.result.get().waived?.code == .certificateRevoked)
        #expect(verdict.audit.reason == .certificateRevoked && verdict.audit.caller == nil)
        #expect(verdict.audit.thumbprint == scene.thumbprint?.hexadecimal)
    }
}
