import Crypto

/// An issuer as OCSP requests name it: the digests of its name and its key, which are compared for every request.
struct OCSPIssuerID: Sendable {
    private let nameSHA1: [UInt8]
    private let keySHA1: [UInt8]
    private let nameSHA256: [UInt8]
    private let keySHA256: [UInt8]

    init(_ issuer: ParsedCertificate) {
        let bits = issuer.publicKey.keyBits
        self.nameSHA1 = Array(Insecure.SHA1.hash(data: issuer.subjectDER))
        self.keySHA1 = Array(Insecure.SHA1.hash(data: bits))
        self.nameSHA256 = Array(SHA256.hash(data: issuer.subjectDER))
        self.keySHA256 = Array(SHA256.hash(data: bits))
    }

    /// Whether a certificate of this issuer is meant.
    func issued(_ id: OCSPCertificateID) -> Bool {
        switch id.digest {
        case .sha1: id.issuerKeyHash == self.keySHA1 && id.issuerNameHash == self.nameSHA1
        case .sha256: id.issuerKeyHash == self.keySHA256 && id.issuerNameHash == self.nameSHA256
        case .unknown: false
        }
    }
}
