/// The shape that certificates, requests, revocation lists and basic OCSP responses share: what is signed, the
/// algorithm, and the signature.
enum SignedEncoding {
    /// Signs `content` and puts the three together.
    ///
    /// - Parameters:
    ///   - content: The encoding of the part that is signed.
    ///   - key: The signer's key.
    /// - Throws: ``PKIError`` with `signingFailed`.
    static func encode(_ content: [UInt8], key: PrivateKey) throws(PKIError) -> [UInt8] {
        let signature = try key.signature(over: content)
        let algorithm = key.algorithmIdentifier
        let size = content.count + algorithm.count + DERWriter.size(ofContent: signature.count + 1)
        var writer = DERWriter(capacity: size + 8)
        writer.byte(DERTag.sequence)
        writer.length(size)
        writer.encoded(content)
        writer.encoded(algorithm)
        writer.bitString(signature)
        return writer.bytes
    }
}
