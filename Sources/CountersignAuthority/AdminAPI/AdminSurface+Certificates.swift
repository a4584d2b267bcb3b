import CountersignHTTPServer
import CountersignIssuance
import CountersignJSON
import CountersignPKI

extension AdminSurface {
    /// `/api/admin/security/certificates` and what is below it.
    func addCertificates(to routes: inout RouteList) {
        let base = "/api/admin/security/certificates"
        routes.get(base) { request, _, responder in list(request, responder, service: nil) }
        routes.get("/api/admin/security/serials/{serial}") { request, path, responder in
            read(request, responder) { now in
                let serial = try RevocationOrder.serial(path["serial"])
                return AdminJSON.certificate(try engine.certificate(serial: serial), now: now, withPEM: true)
            }
        }
        routes.get("\(base)/{service}") { request, path, responder in
            list(request, responder, service: path["service"])
        }
        routes.post("\(base)/{service}/rotate") { request, path, responder in
            rotate(path["service"], request, responder)
        }
        routes.post("\(base)/{service}/revoke") { request, path, responder in
            revoke(path["service"], request, responder)
        }
    }

    private func list(_ request: ServerRequest, _ responder: Responder, service: String?) {
        read(request, responder, takesQuery: true) { now in
            let filters = ["state", "expires_before", "spiffe_id", "cursor", "limit"]
            let parameters = try QueryParameters(request, known: service == nil ? filters + ["service"] : filters)
            var query = CertificateQuery(now: now, limit: try parameters.limit())
            query.service =
                try service.map { try engine.service($0).name }
                ?? parameters.text("service", atMost: AdminNames.longest)
            query.state = try parameters.choice("state")
            query.endsBefore = try parameters.time("expires_before")
            query.spiffeID = try parameters.text("spiffe_id", atMost: 2048)
            query.cursor = try parameters.cursor()
            return AdminJSON.page("certificates", try engine.store.certificates(query)) {
                AdminJSON.certificate($0, now: now)
            }
        }
    }

    private func rotate(_ service: String, _ request: ServerRequest, _ responder: Responder) {
        call(request, responder, for: .operate(service: service)) { caller in
            if !request.body.isEmpty { _ = try APIHandling.object(request, known: []) }
            _ = try engine.service(service)
            rotation.request(service, by: caller) { result in
                end(responder, 202, result) { time in
                    .object([.init("service", .string(service)), .init("requested_at", AdminJSON.time(time))])
                }
            }
        }
    }

    private func revoke(_ service: String, _ request: ServerRequest, _ responder: Responder) {
        call(request, responder, for: .operate(service: service)) { caller in
            let object =
                request.body.isEmpty
                ? try JSONObject(.object([]), known: [])
                : try APIHandling.object(request, known: ["reason", "serial", "replace"], allowsNull: false)
            _ = try engine.service(service)
            var target = RevocationOrder.Target.service(service)
            if let serial = try object.string("serial") {
                let record = try engine.certificate(serial: try RevocationOrder.serial(serial, object))
                guard record.service == service else {
                    throw AuthorityError(.unknownCertificate, "this certificate is not one of the service '\(service)'")
                }
                target = .serial(record.serial)
            }
            let reason = try RevocationOrder.reason(object)
            var replacement: IssuanceOrder?
            if try object.bool("replace") ?? false {
                replacement = IssuanceOrder(holder: .service(service), key: .generated(nil), channel: .admin)
            }
            engine.revoke(RevocationOrder(target, reason: reason), by: caller, replacement: replacement) { result in
                end(responder, 200, result) { events, issuance in
                    .object([
                        .init("revoked", .array(events.map { .object($0.members) })),
                        .init(
                            "replacement",
                            issuance.map { $0.json(trustBundlePEM: engine.issuer.trustBundlePEM) } ?? .null
                        ),
                    ])
                }
            }
        }
    }
}

extension RevocationOrder {
    /// A serial number of a path.
    static func serial(_ text: String) throws(JSONError) -> String {
        try serial(text, try JSONObject(.object([]), at: "path", known: nil))
    }
}
