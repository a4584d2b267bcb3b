import SwiftASN1
import X509

extension SigningRequest {
    /// Makes a request that asks for nothing but a certificate for this key: no subject, no names.
    ///
    /// For an authority that knows by itself what the requester may be called.
    ///
    /// - Throws: ``PKIError`` with `signingFailed`.
    package static func withoutNames(for key: PrivateKey) throws(PKIError) -> SigningRequest {
        do {
            let request = try CertificateSigningRequest(
                version: .v1,
                subject: DistinguishedName(),
                privateKey: key.signer,
                attributes: CertificateSigningRequest.Attributes(),
                signatureAlgorithm: key.signatureAlgorithm
            )
            var serializer = DER.Serializer()
            try serializer.serialize(request)
            return try SigningRequest(der: serializer.serializedBytes)
        } catch {
            throw PKIError(.signingFailed, "the certificate request could not be made: \(error)")
        }
    }

    /// The request as a PEM block.
    package var pem: String {
        PEMBlock.text(label: "CERTIFICATE REQUEST", der: self.der)
    }
}
