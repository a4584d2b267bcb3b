import CountersignIssuance
import CountersignJSON
import CountersignPKI

extension CFSSLSurface {
    /// The chain of a certificate with what clients read beside it.
    func bundle(_ issuance: Issuance) -> JSONValue {
        let chain = issuance.certificate.chainDER
        let pem = chain.map { PEMBlock.text(label: "CERTIFICATE", der: $0) }.joined()
        let ends = chain.compactMap { try? ParsedCertificate(der: $0).notAfter }
        let leaf = CalendarTime(unixSeconds: issuance.record.notAfter).rfc3339
        let status = JSONValue.object([
            .init("rebundled", .bool(true)),
            .init("expiring_SKIs", .null),
            .init("untrusted_root_stores", .null),
            .init("messages", .array([])),
            .init("code", .number(0)),
        ])
        return .object([
            .init("bundle", .string(Self.trimmed(pem))),
            .init("crt", .string(Self.trimmed(issuance.certificate.certificatePEM))),
            .init("root", .string(Self.trimmed(engine.issuer.trustBundlePEM))),
            .init("key", .string("")),
            .init("expires", .string(ends.min().map { CalendarTime(unixSeconds: $0).rfc3339 } ?? leaf)),
            .init("leaf_expires", .string(leaf)),
            .init("hostnames", .strings(issuance.record.names)),
            .init("crl_support", .bool(engine.settings.publicURL != nil)),
            .init("ocsp_support", .bool(engine.settings.publicURL != nil)),
            .init("status", status),
        ])
    }

    /// PEM without its last line break, as CFSSL writes it in some places.
    static func trimmed(_ pem: String) -> String {
        pem.hasSuffix("\n") ? String(pem.dropLast()) : pem
    }
}
