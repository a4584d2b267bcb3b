import CountersignJSON

extension SPIFFEBundle {
    /// Reads a document.
    ///
    /// Keys of another use, such as `jwt-svid`, or of another type are passed over, as the specification asks for. A key
    /// for X.509 must have exactly one certificate, which must be an authority's; one that does not makes the whole
    /// document unusable, so that a damaged bundle never takes the place of a good one.
    ///
    /// - Throws: ``PKIError`` with `malformedBundle`, `tooLarge`, or what reading a certificate gives.
    package init(parsing content: [UInt8]) throws(PKIError) {
        guard content.count <= Self.maximumSize else {
            throw PKIError(.tooLarge, "a bundle of \(content.count) bytes; at most \(Self.maximumSize) are read")
        }
        do {
            let document = try JSONObject(try JSONValue(parsing: content), known: nil)
            guard let keys = try document.objects("keys", known: nil, atMost: Self.maximumKeys) else {
                throw JSONError(at: "$.keys", "an array of keys is required; an empty one trusts nobody")
            }
            self.init(
                authoritiesDER: try keys.enumerated().compactMap { try Self.authority(of: $1, at: "$.keys[\($0)]") },
                sequence: try document.integer("spiffe_sequence"),
                refreshHintSeconds: try document.integer("spiffe_refresh_hint")
            )
        } catch let error as JSONError {
            throw PKIError(.malformedBundle, "this is not a SPIFFE bundle: \(error)")
        } catch let error as PKIError {
            throw error
        } catch {
            throw PKIError(.malformedBundle, "this is not a SPIFFE bundle: \(error)")
        }
    }

    /// The certificate of a key; nil for a key that is not for X.509.
    private static func authority(of key: JSONObject, at place: String) throws -> [UInt8]? {
        guard try key.string("use") == self.authorityUse,
            let type = try key.string("kty"), ["EC", "RSA"].contains(type)
        else { return nil }
        // Only the first value counts (SPIFFE Trust Domain and Bundle section 4.2.1); more would look like trust.
        guard let text = try key.strings("x5c")?.first, let der = Base64.decode(Array(text.utf8)) else {
            throw JSONError(at: "\(place).x5c", "the certificate is required, in Base64")
        }
        let certificate: ParsedCertificate
        do {
            certificate = try ParsedCertificate(der: der)
        } catch {
            throw PKIError(error.code, "\(place).x5c: \(error.message)")
        }
        try AuthorityRules.checkRole(of: certificate)
        return der
    }
}
