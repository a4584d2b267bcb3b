import CountersignForwarding
import CountersignTesting
import Testing

@Suite struct IdentityHeadersTests {
    static let identities = [
        "X-Forwarded-Client-Cert", "X-Forwarded-Client-Cert-Chain", "x-forwarded-client-certificate",
        "X-Forwarded-Tls-Client-Cert", "X-Forwarded-Tls-Client-Cert-Info", "X-Forwarded-Tls-Client-Cert-Signature",
        "XFCC", "xfcc-chain", "X-XFCC",
        "ssl-client-cert", "ssl-client-verify", "ssl-client-subject-dn", "ssl-client-issuer-dn", "SSL_CLIENT_S_DN",
        "ssl-client-fingerprint", "ssl-client", "x-ssl-client", "X-SSL-Client-Cert", "X-SSL-Client-CN",
        "x-forwarded-ssl-client-cert", "x-forwarded-ssl-client-s-dn", "SSL_CERT_CHAIN_0", "X-SSL-Cert",
        "ssl-clientcert",
        "Client-Cert", "Client-Cert-Chain", "client-certificate", "X-Client-Cert", "X-Client-Cert-Subject",
        "X-Client-Cert-Serial", "X-Client-Cert-SPIFFE", "X-ClientCert", "forwarded-client-cert",
        "tls-client-cert", "X-TLS-Client-Verify", "mtls-client-id", "X-MTLS-Client-Cert",
        "X-Client-DN", "X-Client-S-DN", "x-client-i-dn", "X-Client-Verify",
        "X-ARR-ClientCert", "X-Amzn-Mtls-Clientcert", "X-Amzn-Mtls-Clientcert-Leaf", "Cf-Client-Cert-Sha256",
        "cf-cert-verified", "l5d-client-id",
        "X-Countersign-Identity", "X-Countersign-Service", "X-Countersign-Token-Subject", "X-Countersign-Mtls",
        "X-Countersign-Status", "X-Countersign-Anything", "Countersign-Identity",
        "X-Spiffe-Id", "X-SPIFFE-ID", "Spiffe-Id", "X-Spiffe", "X-Spiffe-Jwt-Svid",
    ]

    static let others = [
        "", "x", "x-", "xfc", "xfccs", "Host", "User-Agent", "Accept", "Cookie", "Content-Type", "Content-Length",
        "Authorization", "Client", "client-ip", "client-id", "Cert", "X-Client-IP", "x-client-dns", "x-client-verifier",
        "client-verify", "client-dn", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Ssl",
        "x-forwarded-tls-version", "X-Forwarded-User", "Forwarded", "forwarded-", "x-forwarded-", "ssl-cipher",
        "x-ssl-protocol", "ssl-clients", "tls-clientele", "TE", "Trailer", "x-ssl-", "ssl-", "mtls-",
        "X-Cf-App-Instance", "X-Cf-Proxy-Signature", "cf-ray", "cf-connecting-ip", "X-Amzn-Trace-Id", "x-arr-log-id",
        "countersign", "X-Countersign", "X-Countersigned", "my-x-spiffe-id", "X-Spiffed", "spiffed-id",
        "l5d-client-ids", "l5d-dst", "traceparent", "my-client-cert", "x-my-xfcc", "X-X-Client-Cert",
        // Not one byte more or less is folded: without its hyphens the name is another, for a backend as well.
        "XForwardedClientCert", "x--forwarded-client-cert",
    ]

    @Test(arguments: identities)
    func `a name that claims an identity is found`(name: String) {
        #expect(isIdentity(name))
    }

    @Test(arguments: others)
    func `another name is left alone`(name: String) {
        #expect(!isIdentity(name))
    }

    @Test(arguments: ["_", ".", "!", "#", "$", "%", "&", "'", "*", "+", "^", "`", "|", "~", " ", "/", ":", "\u{0}"])
    func `every byte that is neither letter nor digit counts as a hyphen`(separator: String) {
        for name in Self.identities {
            let spelling = name.map { $0 == "-" || $0 == "_" ? separator : String($0) }.joined()
            #expect(isIdentity(spelling), "\(spelling)")
        }
        for name in Self.others {
            let spelling = name.map { $0 == "-" ? separator : String($0) }.joined()
            #expect(!isIdentity(spelling), "\(spelling)")
        }
    }

    @Test func `no mix of case and separators gets past`() {
        var generator = SeededGenerator(seed: 1)
        let separators = bytes("-_.!~|")
        for _ in 0..<20_000 {
            let isIdentity = Bool.random(using: &generator)
            let name = (isIdentity ? Self.identities : Self.others).randomElement(using: &generator)!
            let spelling: [UInt8] = bytes(name).map { byte in
                switch byte {
                case UInt8(ascii: "-"), UInt8(ascii: "_"): separators.randomElement(using: &generator)!
                case UInt8(ascii: "a")...UInt8(ascii: "z"): Bool.random(using: &generator) ? byte & 0xDF : byte
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): Bool.random(using: &generator) ? byte | 0x20 : byte
                default: byte
                }
            }
            #expect(IdentityHeaders.contains(spelling.span) == isIdentity, "\(text(spelling))")
        }
    }

    @Test(arguments: ["x-forwarded-client-cert", "X-Forwarded-Client-Cert", "X-FORWARDED-CLIENT-CERT"])
    func `the forwarded certificate is known in any case`(name: String) {
        #expect(isForwardedClientCert(name))
    }

    @Test(arguments: [
        "x_forwarded_client_cert", "x-forwarded-client_cert", "x-forwarded_client-cert", "x.forwarded-client-cert",
        "x-forwarded-client-cert-chain", "x-forwarded-client-cer", "x-forwarded-tls-client-cert", "xfcc", "",
    ])
    func `another spelling is not the forwarded certificate`(name: String) {
        #expect(!isForwardedClientCert(name))
    }

    private func isIdentity(_ name: String) -> Bool {
        IdentityHeaders.contains(bytes(name).span)
    }

    private func isForwardedClientCert(_ name: String) -> Bool {
        IdentityHeaders.isForwardedClientCert(bytes(name).span)
    }
}
