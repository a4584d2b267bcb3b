import CountersignJSON
import CountersignPKI

/// One thing that `inspect` found.
enum InspectedItem {
    /// A certificate.
    case certificate(ParsedCertificate)
    /// A certificate request.
    case request(SigningRequest)
    /// A revocation list.
    case revocationList(RevocationList)
    /// A private key, of which only the public half is kept.
    case privateKey(SubjectPublicKey)
    /// A PEM block of another kind.
    case other(label: String, size: Int)

    /// Everything in a file, in its order.
    static func items(of content: [UInt8]) throws(PKIError) -> [InspectedItem] {
        if CertificateFile.isDER(content) { return [try self.item(der: content)] }
        var items: [InspectedItem] = []
        for block in try PEMDocuments(parsing: content).blocks {
            do {
                items.append(try self.item(block))
            } catch {
                throw PKIError(error.code, error.message, line: block.line)
            }
        }
        return items
    }

    /// The description as text.
    func text(now: Int64) -> String {
        switch self {
        case .certificate(let certificate): CertificateDescription(certificate).text(atUnixSeconds: now)
        case .request(let request): CertificateDescription(request).text(atUnixSeconds: now)
        case .revocationList(let list): RevocationListDescription(list).text(atUnixSeconds: now)
        case .privateKey(let key): "Private key (not shown)\n  Key              \(key.kind.name)\n"
        case .other(let label, let size): "\(PrintableText.escaped(label)): \(size) bytes, not looked into\n"
        }
    }

    /// Whether the next thing issued or belongs to this one; nil when that is no question.
    func linkText(to next: InspectedItem?) -> String? {
        switch (self, next) {
        case (.certificate(let certificate), .certificate(let issuer)):
            let isIssuer = certificate.issuerDER == issuer.subjectDER && certificate.isSigned(by: issuer)
            return
                "  Chain            \(isIssuer ? "issued by the next certificate" : "NOT issued by the next certificate")\n"
        case (.certificate(let certificate), .privateKey(let key)):
            let matches = certificate.publicKey.derEncoded == key.derEncoded
            return
                "  Private key      \(matches ? "the next one belongs to it" : "the next one does NOT belong to it")\n"
        default:
            return nil
        }
    }

    /// The description as JSON.
    var json: JSONValue {
        switch self {
        case .certificate(let certificate): CertificateDescription(certificate).json
        case .request(let request): CertificateDescription(request).json
        case .revocationList(let list): RevocationListDescription(list).json
        case .privateKey(let key):
            .object([.init("kind", .string("private_key")), .init("key", .string(key.kind.name))])
        case .other(let label, let size):
            .object([
                .init("kind", .string("other")), .init("label", .string(label)), .init("size", .number(Int64(size))),
            ])
        }
    }

    private static func item(_ block: PEMBlock) throws(PKIError) -> InspectedItem {
        switch block.label {
        case "CERTIFICATE", "X509 CERTIFICATE": return .certificate(try ParsedCertificate(der: block.der))
        case "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST": return .request(try SigningRequest(der: block.der))
        case "X509 CRL": return .revocationList(try RevocationList(der: block.der))
        case let label where label.hasSuffix("PRIVATE KEY"):
            return .privateKey(try PrivateKey(pem: block.text).publicKey)
        default: return .other(label: block.label, size: block.der.count)
        }
    }

    private static func item(der: [UInt8]) throws(PKIError) -> InspectedItem {
        let reason: String
        do {
            return .certificate(try ParsedCertificate(der: der))
        } catch {
            reason = error.message
        }
        if let request = try? SigningRequest(der: der) { return .request(request) }
        if let list = try? RevocationList(der: der) { return .revocationList(list) }
        if let key = PrivateKey(der: der) { return .privateKey(key.publicKey) }
        throw PKIError(
            .malformedCertificate,
            "this DER is neither a certificate nor a certificate request, a revocation list or a private key; read as a "
                + "certificate: \(reason)"
        )
    }
}
