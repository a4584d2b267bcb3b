import CountersignIdentity
import CountersignJSON
import CountersignPKI

/// What `newkey` and `newcert` are to make: a key of a kind, and a request for a subject and names.
struct CFSSLKeyRequest: Sendable {
    /// The subject of the certificate request.
    var subject: CFSSLSubject
    /// The names of the certificate request.
    var hosts: [String]
    /// The kind of key.
    var key: CFSSLKeyKind

    /// Reads the description of a request.
    ///
    /// - Throws: ``CFSSLError`` with code 400, or 2400 for a key that is not made.
    init(_ object: JSONObject) throws(CFSSLError) {
        do {
            guard object["ca"] == nil else { throw CFSSLError.badRequest("ca section only permitted in initca") }
            subject = try CFSSLSubject(object)
            hosts = try object.strings("hosts", atMost: CertificateProfile.maximumNames) ?? []
            let key = try object.object("key", known: nil)
            self.key = try CFSSLKeyKind(algorithm: try key?.string("algo"), size: try key?.integer("size"))
        } catch let error as CFSSLError {
            throw error
        } catch let error as JSONError {
            throw CFSSLError(error, isEmpty: false)
        } catch {
            throw CFSSLError(status: 500, code: 0, "internal error")
        }
    }

    /// The certificate request for a key.
    ///
    /// - Throws: ``CFSSLError`` with code 9300 for a subject or names that cannot stand in one.
    func signingRequest(for key: PrivateKey) throws(CFSSLError) -> SigningRequest {
        var builder = SigningRequestBuilder()
        builder.subject = subject.distinguishedName
        let names = RequestedNames(texts: hosts)
        guard (hosts + subject.distinguishedName.attributes.compactMap(\.text)).allSatisfy(Self.isPlain) else {
            throw CFSSLError(code: 9300, "a name is longer than 2048 bytes or has a control character")
        }
        builder.names =
            names.dnsNames.map(AlternativeName.dns) + names.others.map(AlternativeName.email)
            + names.uris.map(AlternativeName.uri) + names.addresses.map { AlternativeName.ip($0.networkBytes) }
        do {
            return try builder.request(for: key)
        } catch {
            throw CFSSLError(code: 9300, error.description)
        }
    }

    private static func isPlain(_ name: String) -> Bool {
        name.utf8.count <= 2048 && name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }
}

/// The kinds of key that `newkey` and `newcert` make.
enum CFSSLKeyKind: Sendable, Hashable {
    case ellipticCurve(PrivateKey.Kind)
    case p521
    case ed25519
    case rsa(PrivateKey.Kind)

    /// The kind by the names of the API; ECDSA on P-256 when nothing is said.
    ///
    /// - Throws: ``CFSSLError`` with code 2400.
    init(algorithm: String?, size: Int64?) throws(CFSSLError) {
        switch (algorithm ?? "ecdsa", size ?? 0) {
        case ("ecdsa", 256), ("ecdsa", 0): self = .ellipticCurve(.p256)
        case ("ecdsa", 384): self = .ellipticCurve(.p384)
        case ("ecdsa", 521): self = .p521
        case ("ecdsa", _): throw CFSSLError(code: 2400, "invalid curve")
        case ("ed25519", _): self = .ed25519
        case ("rsa", 2048), ("rsa", 0): self = .rsa(.rsa2048)
        case ("rsa", 3072): self = .rsa(.rsa3072)
        case ("rsa", 4096): self = .rsa(.rsa4096)
        case ("rsa", ..<2048): throw CFSSLError(code: 2400, "RSA key is too weak")
        case ("rsa", 8193...): throw CFSSLError(code: 2400, "RSA key size too large")
        case ("rsa", _): throw CFSSLError(code: 2400, "RSA keys of 2048, 3072 and 4096 bits are made")
        default: throw CFSSLError(code: 2400, "invalid algorithm")
        }
    }

    /// Whether making one takes so long that it must not be done on an event loop.
    var isSlow: Bool {
        if case .rsa = self { true } else { false }
    }

    /// Makes a key.
    func generate() throws(PKIError) -> PrivateKey {
        switch self {
        case .ellipticCurve(let kind), .rsa(let kind): try PrivateKey.generate(kind)
        case .p521: try PrivateKey.generateP521()
        case .ed25519: try PrivateKey.generateEd25519()
        }
    }
}
