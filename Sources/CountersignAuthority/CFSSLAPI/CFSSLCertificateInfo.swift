import CountersignIdentity
import CountersignJSON
import CountersignPKI

/// A certificate as `certinfo` describes it.
enum CFSSLCertificateInfo {
    /// The description; names that are URIs or email addresses have no place in it.
    static func json(_ certificate: ParsedCertificate) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("subject", name(certificate.subject)),
            .init("issuer", name(certificate.issuer)),
            .init("serial_number", .string(SerialNumber(certificate.serialNumber).decimal)),
        ]
        let names = alternativeNames(certificate.extensions.alternativeNames)
        if !names.isEmpty { members.append(.init("sans", .strings(names))) }
        let authorityKey = certificate.extensions.authorityKeyIdentifier?.keyIdentifier ?? []
        members += [
            .init("not_before", .string(CalendarTime(unixSeconds: certificate.notBefore).rfc3339)),
            .init("not_after", .string(CalendarTime(unixSeconds: certificate.notAfter).rfc3339)),
            .init("sigalg", .string(algorithm(certificate.signatureAlgorithm))),
            .init("authority_key_id", .string(Hexadecimal.fingerprint(of: authorityKey))),
            .init(
                "subject_key_id",
                .string(Hexadecimal.fingerprint(of: certificate.extensions.subjectKeyIdentifier ?? []))
            ),
            .init("pem", .string(PEMBlock.text(label: "CERTIFICATE", der: certificate.der))),
        ]
        return .object(members)
    }

    private static func name(_ names: RelativeNames) -> JSONValue {
        let name = names.distinguishedName
        var members: [JSONValue.Member] = []
        for (member, type) in attributes {
            let texts = name.texts(of: type)
            if !texts.isEmpty { members.append(.init(member, .string(texts.joined(separator: ",")))) }
        }
        let all = name.attributes.compactMap(\.text)
        if !all.isEmpty { members.append(.init("names", .strings(all))) }
        return .object(members)
    }

    /// DNS names, then addresses.
    private static func alternativeNames(_ names: [AlternativeName]) -> [String] {
        let dnsNames = names.compactMap { if case .dns(let name) = $0 { name } else { nil } }
        let addresses = names.compactMap { name -> String? in
            guard case .ip(let bytes) = name else { return nil }
            return IPAddress(networkBytes: bytes.span)?.description
        }
        return dnsNames + addresses
    }

    private static func algorithm(_ algorithm: SignatureAlgorithm) -> String {
        switch algorithm {
        case .ecdsa(let digest): "ECDSAWith\(short(digest))"
        case .rsaPKCS1(let digest): "\(short(digest))WithRSA"
        case .rsaPSS, .ed25519, .broken, .unknown: "Unknown Signature"
        }
    }

    private static func short(_ digest: SignatureAlgorithm.Digest) -> String {
        switch digest {
        case .sha256: "SHA256"
        case .sha384: "SHA384"
        case .sha512: "SHA512"
        }
    }

    private static let attributes: [(String, NameAttributeType)] = [
        ("common_name", .commonName), ("serial_number", .serialNumber), ("country", .country),
        ("organization", .organization), ("organizational_unit", .organizationalUnit), ("locality", .locality),
        ("province", .stateOrProvince), ("street_address", .streetAddress), ("postal_code", postalCode),
    ]
    private static let postalCode: NameAttributeType = (try? NameAttributeType(oid: "2.5.4.17")) ?? .streetAddress
}
