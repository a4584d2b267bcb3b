import CountersignForwarding
import CountersignIdentity

/// What is made of a certificate once a connection.
enum Identities {
    private static let subject = """
        CN=3a1b2c3d-0000-4000-8000-000000000001,OU=organization:6e424e4e-5e46-419a-9cb6-eac9de2794e8,\
        OU=space:2b26e210-1b48-4e60-8432-f24bc5927789,OU=app:d76446a1-f429-4444-8797-be2f78b75b08
        """

    private static let certificate = ForwardedCertificate(
        leafDER: [UInt8](repeating: 0x5A, count: 700),
        sha256Hex: String(repeating: "0a", count: 32),
        subject: subject,
        issuer: "CN=Instance Identity",
        serialDecimal: "123456789",
        notBefore: 0,
        notAfter: 4_000_000_000,
        uriNames: ["spiffe://example.internal/ns/default/sa/orders"],
        dnsNames: [],
        emailNames: [],
        ipNames: []
    )

    /// What a backend is told of it, without the field's name.
    static var header: [UInt8] { XFCCWriter.envoy(certificate) }

    static func caller() -> () -> Void {
        guard let name = try? DistinguishedName(parsing: subject) else {
            preconditionFailure("the name cannot be read")
        }
        let names = certificate.uriNames
        return {
            let identity = CallerIdentity(subject: name, uriNames: names, trustDomains: .unrestricted)
            Hotpath.expect(identity.cloudFoundry != nil && identity.spiffeID != nil, "it has an identity")
        }
    }

    static func write() -> () -> Void {
        let certificate = certificate
        return { Hotpath.expect(XFCCWriter.envoy(certificate).count > 300, "a header is written") }
    }

    static func parse() -> () -> Void {
        let value = XFCCWriter.envoy(certificate)
        return { Hotpath.expect((try? XFCCParser.parse(value.span, limits: XFCCLimits()))?.count == 1, "it is read") }
    }
}
