package import CountersignIdentity
import Crypto

/// What a certificate or a certificate request says, for people and for programs.
///
/// Nothing in it was verified. Every text is as the certificate has it; rendering makes it safe to print.
package struct CertificateDescription: Sendable, Hashable {
    /// What was described.
    package let kind: Kind
    /// The subject (RFC 4514).
    package let subject: String
    /// The issuer; nil for a request.
    package let issuer: String?
    /// The facts that only a certificate has; nil for a request.
    package let issuance: Issuance?
    /// The kind of key, such as `ECDSA P-256`.
    package let key: String
    /// Whether the key is strong enough to be accepted.
    package let keyIsStrong: Bool
    /// How it was signed.
    package let signatureAlgorithm: String
    /// Whether a request is signed by its own key; nil for a certificate.
    package let provesPossession: Bool?
    /// Whether it is a certificate authority's.
    package let isAuthority: Bool
    /// The limit of authorities below, where there is one.
    package let pathLength: Int?
    /// The key usages; empty when there is no such extension.
    package let keyUsage: [String]
    /// The extended key usages; empty when there is no such extension.
    package let extendedKeyUsage: [String]
    /// The alternative names, such as `DNS:example.com`.
    package let alternativeNames: [String]
    /// The permitted subtrees, such as `DNS:example.com`.
    package let permitted: [String]
    /// The excluded subtrees, such as `DNS:example.com`.
    package let excluded: [String]
    /// The subject key identifier in hexadecimal.
    package let subjectKeyIdentifier: String?
    /// The authority key identifier in hexadecimal.
    package let authorityKeyIdentifier: String?
    /// Where the revocation list is.
    package let revocationLists: [String]
    /// Where OCSP is answered.
    package let ocspResponders: [String]
    /// Where the issuer's certificate is.
    package let issuerLocations: [String]
    /// The critical extensions that are not understood.
    package let unhandledCritical: [String]
    /// The SPIFFE ID, where there is an unambiguous one.
    package let spiffeID: String?
    /// The Cloud Foundry app, space and organization, where there are.
    package let cloudFoundry: CloudFoundryIdentity?
    /// Why the certificate gives no identity, when it is ambiguous.
    package let ambiguity: IdentityAmbiguity?

    /// What was described.
    package enum Kind: String, Sendable, Hashable {
        /// A certificate.
        case certificate
        /// A certificate request.
        case request
    }

    /// What only a certificate has.
    package struct Issuance: Sendable, Hashable {
        /// The version, 1 to 3.
        package let version: Int
        /// The serial number in hexadecimal.
        package let serialHex: String
        /// The serial number in decimal digits.
        package let serialDecimal: String
        /// The first second of validity, in Unix seconds.
        package let notBefore: Int64
        /// The last second of validity, in Unix seconds.
        package let notAfter: Int64
        /// Whether issuer and subject are the same.
        package let isSelfIssued: Bool
        /// The SHA-256 digest with colons.
        package let sha256: String
        /// The SHA-1 digest with colons.
        package let sha1: String
    }

    /// Describes a certificate.
    package init(_ certificate: ParsedCertificate) {
        self.init(
            kind: .certificate,
            subject: certificate.subjectName,
            issuer: certificate.issuerName.description,
            issuance: Issuance(
                version: certificate.version,
                serialHex: SerialNumber(certificate.serialNumber).hexadecimal,
                serialDecimal: SerialNumber(certificate.serialNumber).decimal,
                notBefore: certificate.notBefore,
                notAfter: certificate.notAfter,
                isSelfIssued: certificate.isSelfIssued,
                sha256: Hexadecimal.fingerprint(of: certificate.sha256),
                sha1: Hexadecimal.fingerprint(of: Array(Insecure.SHA1.hash(data: certificate.der)))
            ),
            publicKey: certificate.publicKey,
            signatureAlgorithm: certificate.signatureAlgorithm,
            provesPossession: nil,
            extensions: certificate.extensions
        )
    }

    /// Describes a certificate request.
    package init(_ request: SigningRequest) {
        self.init(
            kind: .request,
            subject: request.subject.distinguishedName,
            issuer: nil,
            issuance: nil,
            publicKey: request.publicKey,
            signatureAlgorithm: request.signatureAlgorithm,
            provesPossession: request.isSelfConsistent,
            extensions: request.extensions
        )
    }

    private init(
        kind: Kind,
        subject: DistinguishedName,
        issuer: String?,
        issuance: Issuance?,
        publicKey: SubjectPublicKey,
        signatureAlgorithm: SignatureAlgorithm,
        provesPossession: Bool?,
        extensions: CertificateExtensions
    ) {
        self.kind = kind
        self.subject = subject.description
        self.issuer = issuer
        self.issuance = issuance
        self.key = publicKey.kind.name
        self.keyIsStrong = publicKey.isStrong
        self.signatureAlgorithm = signatureAlgorithm.name
        self.provesPossession = provesPossession
        self.isAuthority = extensions.basicConstraints?.isAuthority ?? false
        self.pathLength = extensions.basicConstraints?.pathLength
        self.keyUsage = extensions.keyUsage?.names ?? []
        self.extendedKeyUsage = extensions.extendedKeyUsage?.names ?? []
        self.alternativeNames = extensions.alternativeNames.map(\.labelled)
        self.permitted = extensions.nameConstraints?.permitted.map(\.labelled) ?? []
        self.excluded = extensions.nameConstraints?.excluded.map(\.labelled) ?? []
        self.subjectKeyIdentifier = extensions.subjectKeyIdentifier.map(Hexadecimal.fingerprint)
        self.authorityKeyIdentifier = extensions.authorityKeyIdentifier?.keyIdentifier.map(Hexadecimal.fingerprint)
        self.revocationLists = extensions.crlDistributionPoints
        self.ocspResponders = extensions.ocspResponders
        self.issuerLocations = extensions.issuerLocations
        self.unhandledCritical = extensions.unhandledCritical
        let identity = CallerIdentity(
            subject: subject,
            uriNames: PeerNames(extensions.alternativeNames).uris,
            trustDomains: .unrestricted
        )
        // An authority's own SPIFFE ID names a trust domain and is no caller's.
        let isCaller = !self.isAuthority
        self.spiffeID = isCaller ? identity.spiffeID?.description : nil
        self.cloudFoundry = isCaller ? identity.cloudFoundry : nil
        self.ambiguity = isCaller ? identity.ambiguity : nil
    }
}
