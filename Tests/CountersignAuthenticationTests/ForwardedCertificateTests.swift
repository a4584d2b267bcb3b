import CountersignAuthentication
import CountersignForwarding
import CountersignIdentity
import CountersignIdentityMapping
import CountersignPKI
import Testing

@Suite struct ForwardedCertificateTests {
    private func forwarded(_ leaf: IssuedIdentity) throws -> ForwardedCertificate {
        let parsed = try ParsedCertificate(der: leaf.certificate.der)
        return ForwardedCertificate(
            leafDER: leaf.certificate.der,
            sha256Hex: Hexadecimal.text(of: parsed.sha256),
            subject: parsed.subjectName.rendered(.rfc2253),
            issuer: parsed.issuerName.rendered(.rfc2253),
            serialDecimal: SerialNumber(parsed.serialNumber).decimal,
            notBefore: parsed.notBefore,
            notAfter: parsed.notAfter,
            uriNames: ["spiffe://cluster.local/ns/shop/sa/orders"]
        )
    }

    private func fields(_ format: ForwardedHeaderFormat, _ leaf: IssuedIdentity) throws -> [(String, String)] {
        format.headers(for: try forwarded(leaf), details: [.uri, .certificate])
            .map { ($0.name, String(decoding: $0.value, as: UTF8.self)) }
    }

    @Test(arguments: [ForwardedHeaderFormat.raw, .envoy, .traefik, .nginx, .rfc9440])
    func `every proxy's header gives the same caller`(format: ForwardedHeaderFormat) throws {
        let probe = try Scene(.mtlsOnly)
        let name = try #require(try fields(format, probe.leaf).first?.0)
        let scene = try Scene(.mtlsOnly, header: name)
        let authenticated = try scene.judge(try fields(format, scene.leaf)).result.get()
        #expect(authenticated.certificate?.thumbprint == scene.thumbprint)
        #expect(authenticated.names.spiffeID?.description == "spiffe://cluster.local/ns/shop/sa/orders")
        #expect(authenticated.names.service == "orders")
        // Under any other header than the configured one it does not count.
        let other = try Scene(.mtlsOnly, header: format == .traefik ? "Client-Cert" : "X-Forwarded-Tls-Client-Cert")
        #expect(try other.code(try fields(format, scene.leaf)) == .certificateMissing)
    }

    @Test func `a header that is there twice is nobody's`() throws {
        let scene = try Scene(.mtlsOnly)
        #expect(try scene.code([scene.header, scene.header]) == .certificateMalformed)
        #expect(try scene.code([(scene.header.0, "")]) == .certificateMissing)
    }

    @Test(arguments: [
        ("SUCCESS", nil), ("FAILED:unable to verify", RefusalCode.certificateNotVerified),
        ("", .certificateNotVerified),
        ("success", .certificateNotVerified), ("NONE", .certificateNotVerified),
    ])
    func `nginx has to have verified`(verify: String, expected: RefusalCode?) throws {
        let scene = try Scene(.mtlsOnly, header: "ssl-client-cert")
        var fields = try fields(.nginx, scene.leaf).filter { $0.0 != NginxHeaders.verifyHeaderName }
        fields.append((NginxHeaders.verifyHeaderName, verify))
        #expect(try scene.code(fields) == expected)
        #expect(try scene.code([(NginxHeaders.verifyHeaderName, "NONE")]) == .certificateMissing)
    }

    @Test func `Envoy's facts without the certificate count by their digest, one element alone`() throws {
        let scene = try Scene(.bearerPlusMTLSRequired, header: XFCCWriter.headerName)
        let hash = try #require(scene.thumbprint?.hexadecimal)
        let element = "Hash=\(hash);Subject=\"CN=orders\";URI=spiffe://cluster.local/ns/shop/sa/orders"
        let token = Scene.token(scene.thumbprint)
        let name = XFCCWriter.headerName
        #expect(try scene.judge([token, (name, element)]).result.get().names.service == "orders")
        #expect(try scene.code([token, (name, "\(element),\(element)")]) == .certificateMalformed)
        #expect(try scene.code([token, (name, "Subject=\"CN=orders\"")]) == .certificateMalformed)
        let unnamed = try scene.judge([token, (name, "Hash=\(hash);Subject=\"orders\"")]).result
        guard case .failure(let refusal) = unnamed else { throw Unexpected() }
        #expect(refusal.code == .certificateMalformed && refusal.detail.contains("Subject: "))
        let other = String(repeating: "0", count: 64)
        #expect(try scene.code([token, (name, "Hash=\(other);Subject=\"CN=orders\"")]) == .senderBindingMismatch)
        // A digest that is not the certificate's own beside it is a contradiction.
        let cert = try fields(.envoy, scene.leaf)[0].1.replacing(hash, with: other)
        #expect(try scene.code([token, (name, cert)]) == .certificateMalformed)
    }

    @Test func `validity is looked at whatever the proxy did`() throws {
        let scene = try Scene(.mtlsOnly)
        func code(at now: Int64) throws -> RefusalCode? {
            guard case .failure(let refusal) = try scene.judge([scene.header], at: now).result else { return nil }
            return refusal.code
        }
        #expect(try code(at: Scene.now) == nil)
        #expect(try code(at: Scene.now + 4000) == .certificateExpired)
        #expect(try code(at: Scene.now - 4000) == .certificateNotYetValid)
        let authority = Scene.traefik(try PEMDocuments(parsing: scene.authority.certificatePEM).blocks[0].der)
        #expect(try scene.code([(scene.header.0, authority)]) == .certificateUntrusted)
    }

    @Test func `a refusal says which certificate was shown`() throws {
        var scene = try Scene(.mtlsOnly)
        func thumbprint(_ expected: RefusalCode, at now: Int64 = Scene.now) throws -> String? {
            let verdict = try scene.judge([scene.header], at: now)
            guard case .failure(let refusal) = verdict.result else { throw Unexpected() }
            #expect(refusal.code == expected && verdict.hasThumbprint == (verdict.audit.thumbprint != nil))
            return verdict.audit.thumbprint
        }
        let shown = try #require(scene.thumbprint?.hexadecimal)
        #expect(try thumbprint(.certificateExpired, at: Scene.now + 4000) == shown)
        #expect(try thumbprint(.certificateNotYetValid, at: Scene.now - 4000) == shown)
        let trust = try TrustStore(pem: scene.authority.certificatePEM)
        let lists = RevocationChecking.lists([try scene.revocationList(until: Scene.now + 8000)])
        scene.settings.verifier = ChainVerifier(trust: trust, purpose: .client, revocation: lists)
        #expect(try thumbprint(.certificateRevoked) == shown)
        #expect(try thumbprint(.certificateExpired, at: Scene.now + 4000) == shown)
        let stranger = try Scene(.mtlsOnly)
        scene.settings.verifier = ChainVerifier(
            trust: try TrustStore(pem: stranger.authority.certificatePEM),
            purpose: .client
        )
        #expect(try thumbprint(.certificateUntrusted) == shown)
        // What cannot be read, and what comes from elsewhere, is nobody's.
        for (value, peer) in [("MIIB", Scene.proxy), (scene.header.1, "198.51.100.1")] {
            let verdict = try scene.judge([(scene.header.0, value)], from: peer)
            #expect(verdict.audit.thumbprint == nil && !verdict.hasThumbprint)
        }
    }

    @Test func `a refusal says which certificate nginx did not verify`() throws {
        let scene = try Scene(.mtlsOnly, header: "ssl-client-cert")
        let good = try fields(.nginx, scene.leaf).filter { $0.0 != NginxHeaders.verifyHeaderName }
        let failed = (NginxHeaders.verifyHeaderName, "FAILED:certificate has expired")
        #expect(try scene.judge(good + [failed]).audit.thumbprint == scene.thumbprint?.hexadecimal)
        let unread = try scene.judge([(good[0].0, "MIIB"), failed])
        guard case .failure(let refusal) = unread.result else { throw Unexpected() }
        #expect(refusal.code == .certificateNotVerified && unread.audit.thumbprint == nil)
    }

    @Test func `a refusal says the digest that Envoy told`() throws {
        var scene = try Scene(.mtlsOnly, header: XFCCWriter.headerName)
        let hash = try #require(scene.thumbprint?.hexadecimal)
        #expect(try scene.judge([(XFCCWriter.headerName, "Hash=\(hash);Subject=\"orders\"")]).audit.thumbprint == hash)
        let trust = try TrustStore(pem: scene.authority.certificatePEM)
        scene.settings.verifier = ChainVerifier(trust: trust, purpose: .client)
        let element = "Hash=\(hash);Subject=\"CN=orders\""
        #expect(try scene.judge([(XFCCWriter.headerName, element)]).audit.thumbprint == hash)
    }

    @Test func `a request that is refused for something else says which certificate it showed`() throws {
        let scene = try Scene(.mtlsOnly)
        func refused(_ settings: InboundSettings, target: String = "/users") throws -> InboundVerdict {
            let request = InboundRequest(
                peer: try IPAddress(parsing: Scene.proxy),
                method: "GET",
                host: "crud.local",
                target: target,
                values: { $0 == scene.header.0 ? [scene.header.1] : [] }
            )
            let refusal = AuthenticationRefusal(.invalidRequest, "a header field")
            return InboundAuthenticator(settings).refuse(request, refusal, atUnixMilliseconds: Scene.now * 1000)
        }
        let verdict = try refused(scene.settings)
        #expect(verdict.hasThumbprint && verdict.audit.thumbprint == scene.thumbprint?.hexadecimal)
        #expect(verdict.audit.reason == .invalidRequest && verdict.audit.caller == nil)
        // Where no certificate is looked at, none is kept.
        let blind = try Scene(.bearerOnly)
        #expect(try refused(blind.settings).audit.thumbprint == nil)
    }

    @Test func `with authorities of its own the service verifies the chain as well`() throws {
        var scene = try Scene(.mtlsOnly)
        let trust = try TrustStore(pem: scene.authority.certificatePEM)
        scene.settings.verifier = ChainVerifier(trust: trust, purpose: .client)
        #expect(try scene.code([scene.header]) == nil)
        let stranger = try Scene(.mtlsOnly)
        #expect(try scene.code([stranger.header]) == .certificateUntrusted)
        #expect(try stranger.code([stranger.header]) == nil)
    }

    @Test func `proxies are trusted by address, also mapped into IPv6, and nobody is by default`() throws {
        var scene = try Scene(.mtlsOnly)
        #expect(try scene.code([scene.header], from: "::ffff:192.0.2.10") == nil)
        #expect(try scene.code([scene.header], from: "2001:db8::1") == .certificateMissing)
        scene.settings.proxies = TrustedProxies([try CIDRBlock(parsing: "2001:db8::/32")])
        #expect(try scene.code([scene.header], from: "2001:db8::1") == nil)
        #expect(try scene.code([scene.header]) == .certificateMissing)
        let verdict = try scene.judge([scene.header])
        #expect(verdict.ignoredForwarded && !verdict.hasThumbprint && verdict.audit.thumbprint == nil)
        scene.settings.proxies = TrustedProxies([])
        #expect(try scene.code([scene.header], from: "127.0.0.1") == .certificateMissing)
    }

    @Test func `a terminator tells subject and serial number, and nothing more`() throws {
        let scene = try Scene(.mtlsOnly, header: TerminatorIdentity.subjectHeaderName)
        let subject = (TerminatorIdentity.subjectHeaderName, "CN=orders,O=Shop")
        let serial = (TerminatorIdentity.serialHeaderName, "0A:1B")
        let authenticated = try scene.judge([subject, serial]).result.get()
        #expect(authenticated.names.service == "orders" && authenticated.certificate?.source == .terminator)
        #expect(try scene.code([subject, serial], from: "198.51.100.1") == .certificateMissing)
        #expect(try scene.code([subject]) == .certificateMalformed)
        #expect(try scene.code([subject, (serial.0, "xyz")]) == .certificateMalformed)
        #expect(try scene.code([(subject.0, "/CN=orders"), serial]) == .certificateMalformed)
        for name in ["CN=orders,CN=billing", "CN=a\\,CN=orders,O=x", "O=orders", "CN=or/ders"] {
            #expect(try scene.judge([(subject.0, name), serial]).result.get().names.service == nil)
        }
    }

    @Test func `a revocation list for serial numbers counts until its next update`() throws {
        var scene = try Scene(.mtlsOnly, header: TerminatorIdentity.subjectHeaderName)
        let name = (TerminatorIdentity.subjectHeaderName, "CN=orders")
        func code(_ serial: String, at now: Int64 = Scene.now) throws -> RefusalCode? {
            let verdict = try scene.judge([name, (TerminatorIdentity.serialHeaderName, serial)], at: now)
            if case .failure(let refusal) = verdict.result { return refusal.code }
            return nil
        }
        let leaf = SerialNumber(scene.leaf.certificate.serialNumber)
        #expect(try code(leaf.hexadecimal) == nil)
        scene.settings.revokedSerials = RevokedSerials([try scene.revocationList(until: Scene.now + 60)])
        #expect(try code(leaf.hexadecimal) == .certificateRevoked)
        #expect(try code("0A1C") == nil)
        #expect(try code("0A1C", at: Scene.now + 60) == nil)
        #expect(try code("0A1C", at: Scene.now + 61) == .certificateUntrusted)
        #expect(try code(leaf.hexadecimal, at: Scene.now + 61) == .certificateRevoked)
    }

    @Test func `digits are of the base that is said`() throws {
        for (text, format, serial) in [
            ("0A:1B", SerialFormat.hexadecimal, [UInt8](arrayLiteral: 0x0A, 0x1B)),
            ("a1b", .hexadecimal, [0x0A, 0x1B]),
            ("11259375", .hexadecimal, [0x11, 0x25, 0x93, 0x75]),
            ("11259375", .decimal, [0xAB, 0xCD, 0xEF]),
        ] {
            #expect(format.serial(text) == SerialNumber(serial))
        }
        for text in ["abcdef", "11:25", ""] { #expect(SerialFormat.decimal.serial(text) == nil) }
        for text in ["0x11", "xyz", ""] {
            #expect(SerialFormat.hexadecimal.serial(text) == nil)
        }
    }
}

private struct Unexpected: Error {}
