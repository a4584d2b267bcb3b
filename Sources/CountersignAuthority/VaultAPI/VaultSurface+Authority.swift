import CountersignHTTPServer
import CountersignJSON
import CountersignPKI

extension VaultSurface {
    /// The authority's certificates and revocation lists, for anybody, and what its configuration says, for those who may
    /// read.
    func addAuthority(to routes: inout RouteList) {
        let keyID = engine.issuer.keyID
        let der = engine.issuer.authority.certificate.der
        let pem = Array(engine.issuer.authority.certificatePEM.utf8)
        let chain = Array(chainPEM.utf8)
        routes.get(path("ca")) { _, _ in Self.raw("application/pkix-cert", der) }
        routes.get(path("ca/pem")) { _, _ in Self.raw("application/pem-certificate-chain", pem) }
        routes.get(path("ca_chain")) { _, _ in Self.raw("application/pkix-cert", chain) }
        addLists("crl", to: &routes)
        list(path("issuers"), &routes) { responder throws(VaultError) in
            let facts = JSONValue.object([.init("issuer_name", .string("default")), .init("is_default", .bool(true))])
            let extra = JSONValue.Member("key_info", .object([.init(keyID, facts)]))
            responder.answer(VaultEnvelope.list([keyID], extra: [extra]))
        }
        for name in ["default", keyID] {
            let base = "issuer/\(name)"
            routes.get(path(base)) { _, _ in VaultEnvelope.answer(issuerJSON) }
            routes.get(path("\(base)/json")) { _, _ in VaultEnvelope.answer(issuerJSON) }
            routes.get(path("\(base)/der")) { _, _ in Self.raw("application/pkix-cert", der) }
            routes.get(path("\(base)/pem")) { _, _ in Self.raw("application/pem-certificate-chain", pem) }
            addLists("\(base)/crl", to: &routes)
        }
        addConfiguration(to: &routes)
    }

    private func addLists(_ base: String, to routes: inout RouteList) {
        for (path, isPEM, isDelta) in [
            ("", false, false), ("/pem", true, false), ("/delta", false, true), ("/delta/pem", true, true),
        ] {
            routes.get(self.path(base + path)) { request, _ in
                guard let lists = publisher.lists else { return .empty(204) }
                let list = isDelta ? lists.delta : lists.full
                let body = isPEM ? Array(PEMBlock.text(label: "X509 CRL", der: list).utf8) : list
                return Self.raw(isPEM ? "application/x-pem-file" : "application/pkix-crl", body)
                    .validated(
                        by: ResponseValidators(
                            entityTag: "\(isDelta ? "delta" : "full")-\(isPEM ? "pem" : "der")-\(lists.number)",
                            lastModified: lists.thisUpdate
                        ),
                        for: request
                    )
            }
        }
    }

    private func addConfiguration(to routes: inout RouteList) {
        read(path("config/urls"), &routes) { _ throws(VaultError) in
            let base = engine.settings.publicURL
            func at(_ path: String) -> JSONValue { .strings(base.map { ["\($0)\(path)"] } ?? []) }
            return VaultEnvelope.answer(
                .object([
                    .init("issuing_certificates", at("/ca/\(engine.issuer.keyID).crt")),
                    .init("crl_distribution_points", at(PublicPaths.revocationList(engine.issuer.keyID))),
                    .init("ocsp_servers", at(PublicPaths.ocsp)),
                ])
            )
        }
        read(path("config/crl"), &routes) { _ throws(VaultError) in
            let settings = engine.settings
            return VaultEnvelope.answer(
                .object([
                    .init("expiry", .string(GoDuration.text(seconds: settings.revocationListLifetimeSeconds))),
                    .init("disable", .bool(false)),
                    .init("ocsp_disable", .bool(false)),
                    .init("ocsp_expiry", .string(GoDuration.text(seconds: settings.ocspLifetimeSeconds))),
                    .init("auto_rebuild", .bool(true)),
                    .init("enable_delta", .bool(true)),
                ])
            )
        }
        read(path("config/issuers"), &routes) { _ throws(VaultError) in
            VaultEnvelope.answer(.object([.init("default", .string(engine.issuer.keyID))]))
        }
    }

    private var issuerJSON: JSONValue {
        let chain = VaultChain(of: engine.issuer).issuersDER(withRoot: true)
        return .object([
            .init("issuer_id", .string(engine.issuer.keyID)),
            .init("issuer_name", .string("default")),
            .init("certificate", .string(CFSSLSurface.trimmed(engine.issuer.authority.certificatePEM))),
            .init(
                "ca_chain",
                .strings(chain.map { CFSSLSurface.trimmed(PEMBlock.text(label: "CERTIFICATE", der: $0)) })
            ),
            .init("usage", .string("crl-signing,issuing-certificates,ocsp-signing,read-only")),
        ])
    }

    /// The signing certificate and those above it in PEM.
    var chainPEM: String {
        VaultChain(of: engine.issuer).issuersDER(withRoot: true)
            .map { PEMBlock.text(label: "CERTIFICATE", der: $0) }.joined()
    }

    /// Something that is signed itself, outside of the envelope.
    static func raw(_ type: String, _ body: [UInt8]) -> ServerResponse {
        ServerResponse(
            status: 200,
            contentType: type,
            fields: [("Cache-Control", "public, max-age=30, must-revalidate")],
            body: body
        )
    }
}
