import CountersignAuthentication
import CountersignIdentity
import CountersignIdentityMapping
import CountersignPKI
import Testing

/// When the service that a token names counts.
@Suite struct TokenServiceTests {
    /// A certificate that names no service, and what comes of a token beside it.
    private func service(
        _ mode: InboundAuthMode,
        bound: (CertificateThumbprint?) -> CertificateThumbprint?,
        isEnforcing: Bool = true
    ) throws -> String? {
        var scene = try Scene(mode)
        scene.settings.isEnforcing = isEnforcing
        let leaf = try Self.nameless(scene.authority)
        let token = Scene.token(bound(CertificateThumbprint(certificate: leaf)), of: "orders")
        let verdict = try scene.judge([token, (scene.header.0, Scene.traefik(leaf))])
        guard case .success(let authenticated) = verdict.result else { return nil }
        return authenticated.names.service
    }

    private static func nameless(_ authority: IssuingAuthority) throws -> [UInt8] {
        var profile = CertificateProfile(lifetimeSeconds: 3600)
        profile.dnsNames = ["orders.internal"]
        return try authority.issue(profile, key: .p256, now: Scene.now - 60).certificate.der
    }

    @Test(arguments: [InboundAuthMode.bearerPlusMTLSOptional, .bearerPlusMTLSRequired])
    func `a token that is bound to the certificate names the service`(mode: InboundAuthMode) throws {
        #expect(try service(mode) { $0 } == "orders")
    }

    @Test(arguments: [InboundAuthMode.bearerOnly, .bearerPlusMTLSOptional])
    func `one that is bound to nothing names nobody`(mode: InboundAuthMode) throws {
        #expect(try service(mode) { _ in nil } == nil)
    }

    @Test func `one whose binding nobody looked at names nobody`() throws {
        #expect(try service(.bearerOnly) { $0 } == nil)
        let other = CertificateThumbprint(certificate: [1, 2, 3])
        #expect(try service(.bearerPlusMTLSRequired, bound: { _ in other }, isEnforcing: false) == nil)
    }
}
