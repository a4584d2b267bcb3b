import CountersignHTTPServer
import CountersignIssuance
import CountersignJSON
import CountersignPKI

extension CFSSLSurface {
    /// `certinfo`: what a certificate says, for a PEM or for a certificate of the inventory.
    func certinfo(_ request: ServerRequest, _ responder: Responder) throws(CFSSLError) {
        let object = try object(request)
        let certificate: ParsedCertificate
        do {
            if let pem = try object.string("certificate") {
                certificate = try Self.parsedCertificate(pem)
            } else if try object.string("domain") != nil {
                throw CFSSLError.badRequest("domain: this authority does not call other hosts; send the certificate")
            } else if let serial = try object.string("serial"), let keyID = try object.string("authority_key_id") {
                let record = try self.certificate(decimalSerial: serial, issuerKeyID: keyID)
                certificate = try ParsedCertificate(der: record.der)
            } else {
                throw CFSSLError.badRequest("no valid parameter sets found")
            }
        } catch let error as CFSSLError {
            throw error
        } catch let error as JSONError {
            throw CFSSLError(error, isEmpty: false)
        } catch {
            throw CFSSLError(status: 500, code: 0, "the certificate of the inventory cannot be read")
        }
        responder.answer(CFSSLEnvelope.success(CFSSLCertificateInfo.json(certificate)))
    }

    /// The first certificate of a PEM text.
    static func parsedCertificate(_ pem: String) throws(CFSSLError) -> ParsedCertificate {
        do throws(PKIError) {
            let blocks = try PEMDocuments(parsing: pem).blocks
            guard let block = blocks.first(where: { $0.label == "CERTIFICATE" }) else {
                throw PKIError(.nothingFound, "the text holds no certificate")
            }
            return try ParsedCertificate(der: block.der)
        } catch {
            throw CFSSLError(ofCertificate: error)
        }
    }
}
