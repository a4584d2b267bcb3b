import CountersignIdentity

/// The certificates that an authority writes.
enum CertificateBuilder {
    /// A self-signed authority for leaves, of one trust domain.
    static func root(
        commonName: String,
        trustDomain: TrustDomain,
        key: PrivateKey,
        notBefore: Int64,
        notAfter: Int64,
        random: inout some RandomNumberGenerator
    ) throws(PKIError) -> [UInt8] {
        let name = try NameEncoding.encode(
            DistinguishedName(encodingOrder: [.init(.organization, "Countersign"), .init(.commonName, commonName)])
        )
        let identifier = key.publicKey.keyIdentifier
        let content = CertificateContent(
            serialNumber: SerialNumber.random(&random),
            issuer: name,
            notBefore: notBefore,
            notAfter: notAfter,
            subject: name,
            publicKey: key.publicKey.derEncoded,
            extensions: [
                ExtensionEncoding.authority(pathLength: 0),
                ExtensionEncoding.keyUsage([.certificateSigning, .revocationListSigning]),
                ExtensionEncoding.subjectKeyIdentifier(identifier),
                ExtensionEncoding.authorityKeyIdentifier(identifier),
                ExtensionEncoding.alternativeNames([.uri("spiffe://\(trustDomain)")], critical: false),
            ]
        )
        return try content.signed(by: key)
    }

    /// The extensions of a leaf as its profile says.
    ///
    /// - Parameter authorityKeyIdentifier: The whole extension, which is the same for all leaves of an authority.
    static func extensions(
        of profile: CertificateProfile,
        publicKey: SubjectPublicKey,
        authorityKeyIdentifier: [UInt8]
    ) -> [[UInt8]] {
        var extensions = [
            ExtensionEncoding.notAuthority,
            publicKey.isRSA ? self.usageOfRSAKeys : self.usageOfOtherKeys,
            self.purposes(of: profile.usage),
            ExtensionEncoding.subjectKeyIdentifier(publicKey.keyIdentifier),
            authorityKeyIdentifier,
        ]
        let names = self.alternativeNames(of: profile)
        if !names.isEmpty {
            extensions.append(ExtensionEncoding.alternativeNames(names, critical: profile.subject.isEmpty))
        }
        if !profile.revocationListURIs.isEmpty {
            extensions.append(ExtensionEncoding.distributionPoints(profile.revocationListURIs))
        }
        if !profile.ocspURIs.isEmpty {
            extensions.append(ExtensionEncoding.access(ocsp: profile.ocspURIs, issuers: []))
        }
        return extensions
    }

    /// The names in their canonical spelling; the profile was checked, so each parses.
    static func alternativeNames(of profile: CertificateProfile) -> [AlternativeName] {
        var names: [AlternativeName] = []
        if let id = profile.spiffeID { names.append(.uri(id.description)) }
        names += profile.dnsNames.compactMap { try? .dns(HostPattern(parsing: $0).description) }
        names += profile.addresses.map { .ip($0.networkBytes) }
        return names
    }

    private static func purposes(of usage: CertificateProfile.Usage) -> [UInt8] {
        switch usage {
        case .both: self.serverAndClient
        case .server: self.server
        case .client: self.client
        }
    }

    private static let usageOfRSAKeys = ExtensionEncoding.keyUsage([.digitalSignature, .keyEncipherment])
    private static let usageOfOtherKeys = ExtensionEncoding.keyUsage(.digitalSignature)
    private static let serverAndClient = ExtensionEncoding.extendedKeyUsage([
        .serverAuthentication, .clientAuthentication,
    ])
    private static let server = ExtensionEncoding.extendedKeyUsage([.serverAuthentication])
    private static let client = ExtensionEncoding.extendedKeyUsage([.clientAuthentication])
}

extension SubjectPublicKey {
    /// Whether the key is RSA, and so may encipher keys.
    fileprivate var isRSA: Bool {
        if case .rsa = self.kind { true } else { false }
    }
}
