import Crypto
import SwiftASN1
import X509
import _CryptoExtras

@testable import CountersignPKI

/// A certificate to be minted for a test, in which every field can be made wrong.
struct CertificateDraft {
    var version = 3
    var serialNumber: [UInt8] = [0x12, 0x34]
    var subject: [(type: String, text: String)] = [("2.5.4.3", "leaf")]
    var notBefore: Int64 = TestClock.now - 3_600
    var notAfter: Int64 = TestClock.now + 3_600
    var basicConstraints: (isAuthority: Bool, pathLength: Int?)? = (false, nil)
    var basicConstraintsCritical = true
    var keyUsage: KeyUsage? = KeyUsage(digitalSignature: true)
    var extendedKeyUsage: [ExtendedKeyUsage.Usage] = [.clientAuth, .serverAuth]
    var alternativeNames: [GeneralName] = [.dnsName("leaf.example")]
    var alternativeNamesCritical = false
    var permitted: [GeneralName] = []
    var excluded: [GeneralName] = []
    var distributionPoints: [String] = []
    var extra: [Certificate.Extension] = []
    var hasKeyIdentifiers = true
    var authorityKeyIdentifier: [UInt8]?
    /// Replaces the algorithm inside the signed part.
    var innerAlgorithm: [UInt8]?
    /// Replaces both algorithms.
    var algorithm: [UInt8]?
    /// Replaces the subject's key.
    var publicKeyDER: [UInt8]?

    /// A certificate authority of that name.
    static func authority(_ name: String, pathLength: Int? = nil) -> CertificateDraft {
        var draft = CertificateDraft()
        draft.subject = [("2.5.4.3", name)]
        draft.basicConstraints = (true, pathLength)
        draft.keyUsage = KeyUsage(keyCertSign: true, cRLSign: true)
        draft.extendedKeyUsage = []
        draft.alternativeNames = []
        draft.notBefore = TestClock.now - 86_400
        draft.notAfter = TestClock.now + 86_400
        return draft
    }

    /// A leaf with that SPIFFE ID.
    static func workload(_ id: String) -> CertificateDraft {
        var draft = CertificateDraft()
        draft.alternativeNames = [.uniformResourceIdentifier(id)]
        return draft
    }

    /// The encoding, issued to `key` in the name of `issuer` and signed with `issuerKey`.
    func encoded(
        key: PrivateKey,
        issuerName: [UInt8],
        issuerKey: PrivateKey,
        issuerKeyIdentifier: [UInt8]
    ) throws -> [UInt8] {
        let algorithm = try self.algorithm ?? TestEncoding.algorithm(of: issuerKey)
        let signed = try TestEncoding.sequence { fields in
            if self.version != 1 {
                try fields.serialize(self.version - 1, explicitlyTaggedWithTagNumber: 0, tagClass: .contextSpecific)
            }
            fields.appendPrimitiveNode(identifier: .integer) { $0.append(contentsOf: self.serialNumber) }
            fields.serializeRawBytes(self.innerAlgorithm ?? algorithm)
            fields.serializeRawBytes(issuerName)
            try fields.appendConstructedNode(identifier: .sequence) { validity in
                try validity.serializeRawBytes(TestEncoding.time(self.notBefore))
                try validity.serializeRawBytes(TestEncoding.time(self.notAfter))
            }
            try fields.serializeRawBytes(TestEncoding.name(self.subject))
            fields.serializeRawBytes(self.publicKeyDER ?? key.publicKey.derEncoded)
            let extensions = try self.extensions(key: key, issuerKeyIdentifier: issuerKeyIdentifier)
            if self.version == 3, !extensions.isEmpty {
                try fields.serialize(explicitlyTaggedWithTagNumber: 3, tagClass: .contextSpecific) {
                    try $0.serializeSequenceOf(extensions)
                }
            }
        }
        let signature = try issuerKey.signer.sign(bytes: signed, signatureAlgorithm: issuerKey.signatureAlgorithm)
        return try TestEncoding.sequence { fields in
            fields.serializeRawBytes(signed)
            fields.serializeRawBytes(algorithm)
            try fields.serialize(ASN1BitString(bytes: signature.rawRepresentation[...]))
        }
    }

    private func extensions(key: PrivateKey, issuerKeyIdentifier: [UInt8]) throws -> [Certificate.Extension] {
        var extensions: [Certificate.Extension] = []
        if let constraints = self.basicConstraints {
            let value: BasicConstraints =
                constraints.isAuthority
                ? .isCertificateAuthority(maxPathLength: constraints.pathLength) : .notCertificateAuthority
            extensions.append(try .init(value, critical: self.basicConstraintsCritical))
        }
        if let usage = self.keyUsage { extensions.append(try .init(usage, critical: true)) }
        if !self.extendedKeyUsage.isEmpty {
            extensions.append(try .init(try ExtendedKeyUsage(self.extendedKeyUsage), critical: false))
        }
        if !self.alternativeNames.isEmpty {
            extensions.append(
                try .init(SubjectAlternativeNames(self.alternativeNames), critical: self.alternativeNamesCritical)
            )
        }
        if !self.permitted.isEmpty || !self.excluded.isEmpty {
            extensions.append(try TestEncoding.nameConstraints(permitted: self.permitted, excluded: self.excluded))
        }
        if !self.distributionPoints.isEmpty {
            extensions.append(try DistributionPoints.certificateExtension(self.distributionPoints))
        }
        if self.hasKeyIdentifiers {
            let identifier = key.publicKey.keyIdentifier[...]
            extensions.append(try .init(SubjectKeyIdentifier(keyIdentifier: identifier), critical: false))
            let issuer = self.authorityKeyIdentifier ?? issuerKeyIdentifier
            extensions.append(try .init(AuthorityKeyIdentifier(keyIdentifier: issuer[...]), critical: false))
        }
        return extensions + self.extra
    }
}
