import CountersignAuthentication
import CountersignForwarding
import CountersignIdentity
import CountersignIdentityMapping
import CountersignPKI
import CountersignRouting
import Testing

/// Every mode with every way in which a request can show a certificate or fail to.
@Suite struct InboundModeTests {
    /// What the caller shows of a certificate.
    enum Showing: CaseIterable {
        case nothing, own, spoofed, other, malformed, oversized
    }

    /// What comes of it on a path that is not listed, with a token that is bound to the caller's certificate.
    static func expected(_ mode: InboundAuthMode, _ showing: Showing) -> RefusalCode? {
        switch (mode, showing) {
        case (.bearerOnly, _), (_, .own), (.mtlsOnly, .other): nil
        case (_, .nothing), (_, .spoofed): .certificateMissing
        case (_, .other): .senderBindingMismatch
        case (_, .malformed): .certificateMalformed
        case (_, .oversized): .certificateTooLarge
        }
    }

    private func outcome(_ scene: Scene, _ showing: Showing, target: String = "/users") throws -> RefusalCode? {
        let (name, value) = scene.header
        let token = Scene.token(scene.thumbprint)
        switch showing {
        case .nothing: return try scene.code([token], target: target)
        case .own: return try scene.code([token, (name, value)], target: target)
        case .spoofed: return try scene.code([token, (name, value)], from: "198.51.100.1", target: target)
        case .other:
            let other = try Scene.issue("billing", scene.authority)
            return try scene.code([token, (name, Scene.traefik(other.certificate.der))], target: target)
        case .malformed: return try scene.code([token, (name, "MIIB*")], target: target)
        case .oversized:
            return try scene.code([token, (name, String(repeating: "A", count: 20_000))], target: target)
        }
    }

    @Test(arguments: InboundAuthMode.allCases, Showing.allCases)
    func `each mode wants what its name says`(mode: InboundAuthMode, showing: Showing) throws {
        let scene = try Scene(mode)
        #expect(try outcome(scene, showing) == Self.expected(mode, showing))
    }

    @Test(arguments: InboundAuthMode.allCases, Showing.allCases)
    func `a listed path wants token and certificate in every mode`(mode: InboundAuthMode, showing: Showing) throws {
        var scene = try Scene(mode)
        scene.settings.bindingRequired = try Self.list(["/execute"])
        #expect(try outcome(scene, showing, target: "/execute") == Self.expected(.bearerPlusMTLSRequired, showing))
        #expect(try outcome(scene, showing, target: "/executes") == Self.expected(mode, showing))
    }

    @Test func `optional mode takes a token that is bound to nothing alone, and required mode does not`() throws {
        let free = Scene.token(nil)
        #expect(try Scene(.bearerPlusMTLSOptional).code([free]) == nil)
        let required = try Scene()
        #expect(try required.code([free]) == .certificateMissing)
        #expect(try required.code([free, required.header]) == .senderBindingMismatch)
    }

    @Test(arguments: InboundAuthMode.allCases)
    func `a token has to be there, and be good, wherever one is needed`(mode: InboundAuthMode) throws {
        let scene = try Scene(mode)
        #expect(try scene.code([scene.header]) == (mode == .mtlsOnly ? nil : .tokenMissing))
        let bad = ("Authorization", "Bearer bad.token")
        #expect(try scene.code([scene.header, bad]) == (mode == .mtlsOnly ? nil : .tokenInvalid))
        let good = Scene.token(scene.thumbprint)
        #expect(try scene.code([scene.header, good, good]) == (mode == .mtlsOnly ? nil : .invalidRequest))
        #expect(
            try scene.code([scene.header, ("Authorization", "Basic eDp5")]) == (mode == .mtlsOnly ? nil : .tokenMissing)
        )
    }

    @Test(arguments: [
        "/execute", "/execute/", "/execute/now", "/execute?x=1", "/%65xecute", "//execute", "/./execute",
        "/a/../execute",
        "/a/..%2fexecute", "/EXECUTE", "/execute;a=b", "/execute%2fnow", "\\execute", "*", "",
    ])
    func `what a backend could take for a listed path is one`(target: String) throws {
        let list = try Self.list(["/execute", "/workflow/start/"])
        #expect(list.covers(target))
        #expect(!PathList([]).covers(target))
    }

    @Test(arguments: ["/my%20path", "/%6dy%20path", "/my path", "/my%20path/below", "/MY%20path"])
    func `a listed path that is written with escapes is listed in every spelling`(target: String) throws {
        #expect(try Self.list(["/my%20path"]).covers(target))
        #expect(try Self.list(["/my path"]).covers(target))
    }

    @Test(arguments: ["/", "/executes", "/exec", "/users/execute", "/workflow", "/workflow/started"])
    func `other paths are not listed ones`(target: String) throws {
        #expect(!(try Self.list(["/execute", "/workflow/start"]).covers(target)))
        #expect(!(try Self.list(["/execute/*", "/workflow/start/*"]).covers(target)))
    }

    @Test(arguments: ["/admin", "/admin/", "/admin/users", "/admin/*", "/%61dmin/users"])
    func `a listed path may be written with what is below it`(target: String) throws {
        #expect(try Self.list(["/admin/*"]).covers(target))
        #expect(try Self.list(["/*"]).covers(target))
        #expect(try !Self.list(["/admins/*"]).covers(target))
    }

    @Test(arguments: [
        "", "admin", "*", "/admin*", "/*/admin", "/admin/**", "/admin/*/", "/admin/*/users", "/admin?x=1", "/admin#x",
        "/admin;x", "\\admin", "/admin\\users", "/admin\u{0}", "/admin\n",
        "/" + String(repeating: "%25", count: 12_000),
    ])
    func `what might be meant in another way is listed by nobody`(path: String) {
        #expect(throws: RoutingError(.invalidPath, "")) { try Self.list([path]) }
    }

    private static func list(_ paths: [String]) throws -> PathList {
        PathList(try paths.map(PathPrefix.init(parsing:)))
    }

    @Test func `open paths are open to the letter alone`() throws {
        var scene = try Scene()
        scene.settings.unauthenticated = try ["/health", "/.well-known/jwks.json"].map(LiteralPath.init(parsing:))
        #expect(try scene.code([], target: "/health") == nil)
        #expect(try scene.code([], target: "/health?deep=1") == nil)
        #expect(try scene.code([], target: "/.well-known/jwks.json") == nil)
        let dots = ["/.", "/..", "/.?x", "/..?x", "/a/.", "/a/./b", "/./health", "/../health"]
        for target in dots + ["/health/", "/health/x", "/healthy", "/Health", "/health;x", "/a/../health", "/%68ealth"]
        {
            #expect(try scene.code([], target: target) == .certificateMissing)
        }
    }

    @Test func `without enforcement requests pass whatever their certificate, and never without a good token`() throws {
        var scene = try Scene()
        scene.settings.isEnforcing = false
        let verdict = try scene.judge([Scene.token(scene.thumbprint)])
        let authenticated = try verdict.result.get()
        #expect(authenticated.waived?.code == .certificateMissing)
        #expect(verdict.audit.isSuccess && verdict.audit.reason == .certificateMissing)
        #expect(try scene.code([]) == .tokenMissing)
        #expect(try scene.code([("Authorization", "Bearer bad.token")]) == .tokenInvalid)
        #expect(try scene.code([Scene.token(nil), (scene.header.0, "*")]) == .certificateMalformed)
        scene.settings.isEnforcing = true
        #expect(try scene.code([Scene.token(scene.thumbprint)]) == .certificateMissing)
    }

    @Test(arguments: InboundAuthMode.allCases.filter { $0 != .bearerOnly })
    func `a waived refusal names nobody, and the good certificate does`(mode: InboundAuthMode) throws {
        var scene = try Scene(mode)
        scene.settings.isEnforcing = false
        let stranger = try Scene()
        scene.settings.verifier = ChainVerifier(
            trust: try TrustStore(pem: scene.authority.trustBundlePEM),
            purpose: .client
        )
        func judge(_ leaf: IssuedIdentity) throws -> (authenticated: Authenticated, audit: AuditEvent) {
            let header = (scene.header.0, Scene.traefik(leaf.certificate.der))
            let binding = CertificateThumbprint(certificate: leaf.certificate.der)
            let verdict = try scene.judge([Scene.token(binding, of: "orders"), header])
            return (try verdict.result.get(), verdict.audit)
        }
        let own = try judge(scene.leaf)
        #expect(own.authenticated.waived == nil && own.audit.caller == own.authenticated.names.spiffeID?.description)
        #expect(own.audit.caller != nil && own.authenticated.certificate != nil)
        let (authenticated, audit) = try judge(stranger.leaf)
        #expect(authenticated.waived?.code == .certificateUntrusted && authenticated.certificate == nil)
        #expect(authenticated.names == CallerNames() && authenticated.caller == nil && authenticated.rule == nil)
        #expect(audit.isSuccess && audit.reason == .certificateUntrusted && audit.caller == nil)
        #expect(audit.thumbprint == stranger.thumbprint?.hexadecimal)
    }

    @Test func `the subject of a token that was bound to another certificate is nobody's name`() throws {
        var scene = try Scene()
        scene.settings.isEnforcing = false
        let other = try Scene.issue("billing", scene.authority)
        let token = Scene.token(scene.thumbprint)
        let stolen = try scene.judge([token, (scene.header.0, Scene.traefik(other.certificate.der))])
        #expect(try stolen.result.get().waived?.code == .senderBindingMismatch && stolen.audit.caller == nil)
        #expect(try scene.judge([token, scene.header]).audit.caller?.hasSuffix("/sa/orders") == true)
    }
}
