extension SigningRequest {
    /// Makes a request that asks for nothing but a certificate for this key: no subject, no names.
    ///
    /// For an authority that knows by itself what the requester may be called.
    ///
    /// - Throws: ``PKIError`` with `signingFailed`.
    package static func withoutNames(for key: PrivateKey) throws(PKIError) -> SigningRequest {
        try SigningRequestBuilder().request(for: key)
    }

    /// The request as a PEM block.
    package var pem: String {
        PEMBlock.text(label: "CERTIFICATE REQUEST", der: self.der)
    }
}
