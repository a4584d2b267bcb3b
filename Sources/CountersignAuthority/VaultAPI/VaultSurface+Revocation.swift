import CountersignHTTPServer
import CountersignIssuance
import CountersignJSON
import CountersignPKI

extension VaultSurface {
    /// `revoke`, `tidy` and the signing of a new revocation list.
    func addRevocation(to routes: inout RouteList) {
        write(path("revoke"), &routes) { request, _, responder throws(VaultError) in try revoke(request, responder) }
        write(path("tidy"), &routes) { request, _, responder throws(VaultError) in
            let caller = try authentication.caller(of: request, for: .operate)
            // Certificates stay in the inventory for good; what ends is the place of long expired ones on the lists.
            engine.forgetEndedRevocations()
            engine.audit("vault.tidy", target: "revocations", by: caller, outcome: .done)
            responder.answer(VaultEnvelope.answer(.null, status: 202, warnings: [Self.tidied]))
        }
        read(path("tidy-status"), &routes) { _ throws(VaultError) in
            VaultEnvelope.answer(
                .object([
                    .init("state", .string("Inactive")),
                    .init("tidy_cert_store", .bool(false)),
                    .init("tidy_revoked_certs", .bool(true)),
                    .init("error", .null),
                    .init("cert_store_deleted_count", .number(0)),
                    .init("current_revoked_cert_count", .number(Int64(engine.revocations.count))),
                ])
            )
        }
        for kind in ["crl/rotate", "crl/rotate-delta"] {
            routes.get(path(kind)) { request, _, responder in
                Self.run(responder) { () throws(VaultError) in
                    let caller = try authentication.caller(of: request, for: .operate)
                    publisher.request()
                    engine.audit("vault.rotate_crl", target: "revocations", by: caller, outcome: .done)
                    responder.answer(VaultEnvelope.answer(.object([.init("success", .bool(true))])))
                }
            }
        }
    }

    private func revoke(_ request: ServerRequest, _ responder: Responder) throws(VaultError) {
        let caller = try authentication.caller(of: request, for: .known)
        let parameters = try VaultParameters(request)
        let serial: String
        switch (try parameters.text("serial_number"), try parameters.text("certificate")) {
        case (let text?, nil):
            guard let number = VaultSerial.inventory(text) else {
                throw .parameter("serial_number", "a serial number in hexadecimal, as 1a:2b:3c")
            }
            serial = number
        case (nil, let pem?): serial = try Self.serial(ofPEM: pem, engine)
        case (nil, nil): throw VaultError(400, "The serial number or certificate to revoke must be provided")
        default: throw VaultError(400, "Must provide either the certificate or the serial to revoke; not both")
        }
        engine.revoke(RevocationOrder(.serial(serial), reason: .unspecified), by: caller) { result in
            switch result {
            case .success(let (events, _)):
                let date = events.first?.date ?? engine.clock.now()
                responder.answer(VaultEnvelope.answer(Self.revoked(at: date)))
            case .failure(let error) where error.code == .alreadyRevoked:
                // What is done already is done, at the time when it was.
                let date = engine.revocations.entry(serial: serial)?.date ?? engine.clock.now()
                responder.answer(VaultEnvelope.answer(Self.revoked(at: date)))
            case .failure(let error): responder.answer(VaultEnvelope.failure(VaultError(error)))
            }
        }
    }

    /// The serial number of a certificate that is in the inventory as it is.
    private static func serial(ofPEM pem: String, _ engine: AuthorityEngine) throws(VaultError) -> String {
        do {
            guard let block = try PEMDocuments(parsing: pem).blocks.first(where: { $0.label == "CERTIFICATE" }) else {
                throw VaultError.parameter("certificate", "a certificate in PEM")
            }
            let serial = SerialNumber(try ParsedCertificate(der: block.der).serialNumber).hexadecimal
            guard try engine.certificate(serial: serial).der == block.der else {
                throw VaultError(400, "the certificate is not one of this authority")
            }
            return serial
        } catch let error as VaultError {
            throw error
        } catch let error as AuthorityError {
            throw VaultError(error)
        } catch {
            throw .parameter("certificate", "a certificate in PEM: \(error)")
        }
    }

    private static func revoked(at date: Int64) -> JSONValue {
        .object([
            .init("revocation_time", .number(date)),
            .init("revocation_time_rfc3339", .string(CalendarTime(unixSeconds: date).rfc3339)),
            .init("state", .string("revoked")),
        ])
    }

    private static let tidied =
        "Tidy operation successfully started. Revocations of certificates that expired before every list in force are off "
        + "the next list; the inventory keeps every certificate."
}
