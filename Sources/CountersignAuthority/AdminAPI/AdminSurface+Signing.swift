import CountersignHTTPServer
import CountersignIssuance
import CountersignJSON
import CountersignPKI

extension AdminSurface {
    /// `/api/admin/security/certificates/{service}/sign`: a certificate for a key that stays where it was made.
    func addSigning(to routes: inout RouteList) {
        routes.post("/api/admin/security/certificates/{service}/sign") { request, path, responder in
            sign(path["service"], request, responder)
        }
    }

    private func sign(_ service: String, _ request: ServerRequest, _ responder: Responder) {
        call(request, responder, for: .operate(service: service)) { caller in
            let known = ["csr", "profile", "ttl_seconds", "dns_names"]
            let object = try APIHandling.object(request, known: known, allowsNull: false)
            let text = try object.requiredString("csr")
            var order = IssuanceOrder(holder: .service(service), key: .generated(nil), channel: .command)
            order.profile = try object.text("profile", atMost: AdminNames.longest)
            order.lifetimeSeconds = try object.integer("ttl_seconds")
            order.dnsNames = try object.strings("dns_names", atMost: CertificateProfile.maximumNames)
            _ = try engine.service(service)
            order.key = .request(try SigningRequest(pem: Array(text.utf8)))
            engine.issue(order, for: caller) { result in
                end(responder, 201, result) { $0.json(trustBundlePEM: engine.issuer.trustBundlePEM) }
            }
        }
    }
}
