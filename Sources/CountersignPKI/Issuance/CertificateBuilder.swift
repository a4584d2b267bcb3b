import CountersignIdentity
import FoundationEssentials
import SwiftASN1
import X509

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
        let serial = self.serialNumber(&random)
        return try self.build {
            let name = try self.name([("2.5.4.10", "Countersign"), ("2.5.4.3", commonName)])
            let identifier = key.publicKey.keyIdentifier[...]
            return try Certificate(
                version: .v3,
                serialNumber: serial,
                publicKey: key.signer.publicKey,
                notValidBefore: Date(timeIntervalSince1970: Double(notBefore)),
                notValidAfter: Date(timeIntervalSince1970: Double(notAfter)),
                issuer: name,
                subject: name,
                signatureAlgorithm: key.signatureAlgorithm,
                extensions: try Certificate.Extensions([
                    Certificate.Extension(.isCertificateAuthority(maxPathLength: 0), critical: true),
                    Certificate.Extension(KeyUsage(keyCertSign: true, cRLSign: true), critical: true),
                    Certificate.Extension(SubjectKeyIdentifier(keyIdentifier: identifier), critical: false),
                    Certificate.Extension(AuthorityKeyIdentifier(keyIdentifier: identifier), critical: false),
                    Certificate.Extension(
                        SubjectAlternativeNames([.uniformResourceIdentifier("spiffe://\(trustDomain)")]),
                        critical: false
                    ),
                ]),
                issuerPrivateKey: key.signer
            )
        }
    }

    /// A leaf as its profile says.
    static func leaf(
        profile: CertificateProfile,
        publicKey: SubjectPublicKey,
        issuer: ParsedCertificate,
        issuerKey: PrivateKey,
        notBefore: Int64,
        notAfter: Int64,
        random: inout some RandomNumberGenerator
    ) throws(PKIError) -> [UInt8] {
        let serial = self.serialNumber(&random)
        return try self.build {
            let attributes = profile.subject.attributes.map { ($0.type.oid, $0.text ?? "") }
            return try Certificate(
                version: .v3,
                serialNumber: serial,
                publicKey: try Certificate.PublicKey(derEncoded: publicKey.derEncoded),
                notValidBefore: Date(timeIntervalSince1970: Double(notBefore)),
                notValidAfter: Date(timeIntervalSince1970: Double(notAfter)),
                issuer: try self.name(derEncoded: try DER.parse(issuer.subjectDER)),
                subject: try self.name(attributes),
                signatureAlgorithm: issuerKey.signatureAlgorithm,
                extensions: try self.extensions(profile, publicKey: publicKey, issuer: issuer),
                issuerPrivateKey: issuerKey.signer
            )
        }
    }

    private static func extensions(
        _ profile: CertificateProfile,
        publicKey: SubjectPublicKey,
        issuer: ParsedCertificate
    ) throws -> Certificate.Extensions {
        var isRSA = false
        if case .rsa = publicKey.kind { isRSA = true }
        let purposes: [ExtendedKeyUsage.Usage] =
            switch profile.usage {
            case .both: [.serverAuth, .clientAuth]
            case .server: [.serverAuth]
            case .client: [.clientAuth]
            }
        var extensions = [
            try Certificate.Extension(.notCertificateAuthority, critical: true),
            try Certificate.Extension(
                KeyUsage(digitalSignature: true, keyEncipherment: isRSA),
                critical: true
            ),
            try Certificate.Extension(try ExtendedKeyUsage(purposes), critical: false),
            try Certificate.Extension(
                SubjectKeyIdentifier(keyIdentifier: publicKey.keyIdentifier[...]),
                critical: false
            ),
            try Certificate.Extension(
                AuthorityKeyIdentifier(
                    keyIdentifier: (issuer.extensions.subjectKeyIdentifier ?? issuer.publicKey.keyIdentifier)[...]
                ),
                critical: false
            ),
        ]
        let names = try self.alternativeNames(profile)
        if !names.isEmpty {
            extensions.append(
                try Certificate.Extension(SubjectAlternativeNames(names), critical: profile.subject.isEmpty)
            )
        }
        if !profile.revocationListURIs.isEmpty {
            extensions.append(try DistributionPoints.certificateExtension(profile.revocationListURIs))
        }
        if !profile.ocspURIs.isEmpty {
            let access = profile.ocspURIs.map {
                AuthorityInformationAccess.AccessDescription(
                    method: .ocspServer,
                    location: .uniformResourceIdentifier($0)
                )
            }
            extensions.append(try Certificate.Extension(AuthorityInformationAccess(access), critical: false))
        }
        return try Certificate.Extensions(extensions)
    }

    private static func alternativeNames(_ profile: CertificateProfile) throws -> [GeneralName] {
        var names: [GeneralName] = []
        if let id = profile.spiffeID { names.append(.uniformResourceIdentifier(id.description)) }
        names += try profile.dnsNames.map { .dnsName(try HostPattern(parsing: $0).description) }
        names += profile.addresses.map { .ipAddress(ASN1OctetString(contentBytes: $0.networkBytes[...])) }
        return names
    }

    /// A name with one attribute on each level; PrintableString for countries, UTF8String for the rest (RFC 5280).
    private static func name(_ attributes: [(type: String, text: String)]) throws -> X509.DistinguishedName {
        X509.DistinguishedName(
            try attributes.map { type, text in
                let identifier = try ASN1ObjectIdentifier(dotRepresentation: type)
                let attribute =
                    identifier == ObjectIdentifiers.country
                    ? try X509.RelativeDistinguishedName.Attribute(type: identifier, printableString: text)
                    : X509.RelativeDistinguishedName.Attribute(type: identifier, utf8String: text)
                return X509.RelativeDistinguishedName([attribute])
            }
        )
    }

    private static func name(derEncoded node: ASN1Node) throws -> X509.DistinguishedName {
        try X509.DistinguishedName(derEncoded: node)
    }

    /// 158 random bits: unguessable, positive, never zero, and at most 20 bytes (RFC 5280 section 4.1.2.2).
    private static func serialNumber(_ random: inout some RandomNumberGenerator) -> Certificate.SerialNumber {
        var bytes: [UInt8] = []
        for _ in 0..<3 {
            let word = random.next()
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
        }
        bytes = Array(bytes.prefix(20))
        // The first bit is clear so that it stays positive; the second is set so that the length is always the same.
        bytes[0] = bytes[0] & 0x7F | 0x40
        return Certificate.SerialNumber(bytes: bytes)
    }

    private static func build(_ make: () throws -> Certificate) throws(PKIError) -> [UInt8] {
        do {
            var serializer = DER.Serializer()
            try serializer.serialize(try make())
            return serializer.serializedBytes
        } catch {
            throw PKIError(.signingFailed, "the certificate could not be made: \(error)")
        }
    }
}
