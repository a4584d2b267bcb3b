import CountersignHTTPServer
import CountersignIssuance
import CountersignJSON
import CountersignPKI
import CountersignTransport

extension VaultSurface {
    /// `cert/{serial}` for anybody, `certs` for those who may read the inventory.
    func addCertificates(to routes: inout RouteList) {
        routes.get(path("cert/{serial}")) { _, path, responder in
            Self.run(responder) { () throws(VaultError) in responder.answer(try certificate(path["serial"])) }
        }
        routes.get(path("cert/{serial}/raw")) { _, path, responder in
            Self.run(responder) { () throws(VaultError) in
                responder.answer(Self.raw("application/pkix-cert", try record(path["serial"]).der))
            }
        }
        routes.get(path("cert/{serial}/raw/pem")) { _, path, responder in
            Self.run(responder) { () throws(VaultError) in
                let pem = PEMBlock.text(label: "CERTIFICATE", der: try record(path["serial"]).der)
                responder.answer(Self.raw("application/pem-certificate-chain", Array(pem.utf8)))
            }
        }
        list(path("certs"), &routes) { responder throws(VaultError) in
            // Pages of an inventory of any size are not for an event loop.
            let isTaken = work.run {
                Self.run(responder) { () throws(VaultError) in responder.answer(try serials()) }
            }
            guard isTaken else { throw VaultError(503, "too much is waiting; try again in a second") }
        }
        list(path("certs/revoked"), &routes) { responder throws(VaultError) in
            let serials = engine.revocations.snapshot().entries.map(\.serial).sorted()
            responder.answer(VaultEnvelope.list(serials.map(VaultSerial.text)))
        }
    }

    private func certificate(_ name: String) throws(VaultError) -> ServerResponse {
        switch name {
        case "ca": return Self.answer(CFSSLSurface.trimmed(engine.issuer.authority.certificatePEM))
        case "ca_chain": return Self.answer(CFSSLSurface.trimmed(chainPEM))
        case "crl":
            guard let list = publisher.lists?.full else { throw .nothing }
            return Self.answer(CFSSLSurface.trimmed(PEMBlock.text(label: "X509 CRL", der: list)))
        default:
            let record = try record(name)
            let pem = CFSSLSurface.trimmed(PEMBlock.text(label: "CERTIFICATE", der: record.der))
            return Self.answer(pem, revoked: record.revocation?.date)
        }
    }

    /// The certificate with a serial number.
    ///
    /// - Throws: ``VaultError`` with status 404 and no message where there is none.
    private func record(_ text: String) throws(VaultError) -> CertificateRecord {
        guard let serial = VaultSerial.inventory(text) else {
            throw .parameter("serial", "a serial number in hexadecimal, as 1a:2b:3c")
        }
        do {
            return try engine.certificate(serial: serial)
        } catch {
            throw error.code == .unknownCertificate ? .nothing : VaultError(error)
        }
    }

    private static func answer(_ pem: String, revoked date: Int64? = nil) -> ServerResponse {
        VaultEnvelope.answer(
            .object([
                .init("certificate", .string(pem)),
                .init("revocation_time", .number(date ?? 0)),
                .init(
                    "revocation_time_rfc3339",
                    .string(date.map { CalendarTime(unixSeconds: $0).rfc3339 } ?? "")
                ),
            ])
        )
    }

    /// The newest serial numbers, as many as an answer is to hold.
    private func serials() throws(VaultError) -> ServerResponse {
        var serials: [String] = []
        var query = CertificateQuery(now: engine.clock.now(), limit: 1000)
        do {
            repeat {
                let page = try engine.store.certificates(query)
                serials += page.elements.map { VaultSerial.text($0.serial) }
                query.cursor = page.next
            } while query.cursor != nil && serials.count < Self.mostListed
        } catch {
            throw VaultError(AuthorityError(error))
        }
        let warnings =
            query.cursor == nil
            ? [] : ["these are the newest \(serials.count) certificates; the admin API lists all of them in pages"]
        return VaultEnvelope.list(serials, warnings: warnings)
    }

    private static let mostListed = 10_000
}
