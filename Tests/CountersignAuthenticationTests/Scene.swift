import CountersignAuthentication
import CountersignIdentity
import CountersignIdentityMapping
import CountersignPKI

/// An authority, a caller's certificate, and requests about it.
struct Scene {
    static let now: Int64 = 1_800_000_000
    static let proxy = "192.0.2.10"
    let authority: IssuingAuthority
    let leaf: IssuedIdentity
    var settings: InboundSettings

    init(
        _ mode: InboundAuthMode = .bearerPlusMTLSRequired,
        header: String = "X-Forwarded-Tls-Client-Cert"
    ) throws {
        self.authority = try IssuingAuthority.ephemeral(
            trustDomain: TrustDomain(parsing: "cluster.local"),
            now: Self.now - 7200
        )
        self.leaf = try Self.issue("orders", authority)
        let format = CertificateFormat(headerName: header) ?? .traefik
        self.settings = InboundSettings(
            mode: mode,
            reader: ForwardedCertificateReader(headerName: header, format: format)
        )
        settings.proxies = TrustedProxies([try CIDRBlock(parsing: "192.0.2.0/24")])
        settings.tokens = StandInTokens()
    }

    static func issue(_ service: String, _ authority: IssuingAuthority, seconds: Int64 = 3600) throws -> IssuedIdentity
    {
        let profile = try CertificateProfile.workload(
            trustDomain: TrustDomain(parsing: "cluster.local"),
            namespace: "shop",
            service: service,
            lifetimeSeconds: seconds
        )
        return try authority.issue(profile, key: .p256, now: now - 60)
    }

    /// A list with the leaf, until a time in Unix seconds.
    func revocationList(until end: Int64) throws -> RevocationList {
        let entry = RevocationListContent.Entry(
            serialNumber: leaf.certificate.serialNumber,
            date: Self.now - 60,
            reason: .keyCompromise
        )
        let content = RevocationListContent(
            number: 1,
            thisUpdate: Self.now - 60,
            nextUpdate: end,
            entries: [entry]
        )
        return try RevocationList(der: try authority.revocationList(content))
    }

    var thumbprint: CertificateThumbprint? { CertificateThumbprint(certificate: leaf.certificate.der) }

    /// Traefik's header for a certificate.
    static func traefik(_ der: [UInt8]) -> String { String(decoding: Base64.encode(der), as: UTF8.self) }

    var header: (String, String) { (settings.reader.headerName, Self.traefik(leaf.certificate.der)) }

    func judge(
        _ fields: [(String, String)],
        from peer: String = Scene.proxy,
        target: String = "/users",
        method: String = "GET",
        host: String = "crud.local",
        at now: Int64 = Scene.now
    ) throws -> InboundVerdict {
        let request = InboundRequest(
            peer: try IPAddress(parsing: peer),
            method: method,
            host: host,
            target: target,
            values: { name in fields.filter { $0.0.lowercased() == name.lowercased() }.map(\.1) }
        )
        return InboundAuthenticator(settings).authenticate(request, atUnixMilliseconds: now * 1000)
    }

    func code(
        _ fields: [(String, String)],
        from peer: String = Scene.proxy,
        target: String = "/users"
    ) throws
        -> RefusalCode?
    {
        guard case .failure(let refusal) = try judge(fields, from: peer, target: target).result else { return nil }
        return refusal.code
    }

    /// A service's token bound to a certificate, or to none.
    static func token(_ binding: CertificateThumbprint?, of service: String) -> (String, String) {
        ("Authorization", "Bearer good.\(binding?.hexadecimal ?? "free").\(service)")
    }

    /// A bearer token bound to a certificate, or to none.
    static func token(_ binding: CertificateThumbprint?) -> (String, String) {
        ("Authorization", "Bearer good.\(binding?.hexadecimal ?? "free")")
    }
}

/// Takes `good.` and a digest, or `good.free`, for a token, and `.` and a name after it for that of a service.
struct StandInTokens: TokenChecking {
    func check(_ token: String, atUnixSeconds now: Int64) -> Result<CheckedToken, TokenFault> {
        let parts = token.split(separator: ".")
        guard (2...3).contains(parts.count), parts[0] == "good" else {
            return .failure(TokenFault(label: "token_signature", explanation: "the signature does not verify"))
        }
        return .success(
            CheckedToken(
                subject: "user-1",
                service: parts.count == 3 ? String(parts[2]) : nil,
                binding: CertificateThumbprint(hexadecimal: String(parts[1]))
            )
        )
    }
}
