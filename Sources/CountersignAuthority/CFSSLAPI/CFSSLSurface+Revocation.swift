import CountersignHTTPServer
import CountersignIssuance
import CountersignJSON
import CountersignPKI

extension CFSSLSurface {
    /// `revoke`: by decimal serial number and the issuer's key identifier; what is done already is done.
    func revoke(_ request: ServerRequest, _ responder: Responder) throws(CFSSLError) {
        let complaint = "Unable to parse revocation request"
        let object = try object(request, complaint: complaint)
        let caller = try authentication.caller(of: request)
        let (serial, keyID): (String, String)
        do {
            serial = try object.string("serial") ?? ""
            keyID = try object.string("authority_key_id") ?? ""
        } catch {
            throw CFSSLError(error, isEmpty: false, prefix: complaint)
        }
        guard !serial.isEmpty else { throw .badRequest("serial number is required but not provided") }
        let reason = try Self.reason(object["reason"])
        let record = try certificate(decimalSerial: serial, issuerKeyID: keyID)
        engine.revoke(RevocationOrder(.serial(record.serial), reason: reason), by: caller.caller) { result in
            switch result {
            case .success: responder.answer(CFSSLEnvelope.success(.object([])))
            case .failure(let error) where error.code == .alreadyRevoked:
                responder.answer(CFSSLEnvelope.success(.object([])))
            case .failure(let error): responder.answer(CFSSLEnvelope.failure(CFSSLError(error)))
            }
        }
    }

    /// `crl`: the newest revocation list in Base64.
    ///
    /// How long it may be relied upon is the publisher's to say; signing one for whoever asks, with the `expiry` that
    /// they ask for, would have strangers use up numbers and processor time.
    func crl(_ request: ServerRequest) throws(CFSSLError) -> ServerResponse {
        if let text = request.queryValue("expiry"), !text.isEmpty, GoDuration.seconds(text) == nil {
            throw .badRequest("expiry: expected a length of time in hours, minutes and seconds, as 168h")
        }
        guard let list = publications.revocationList?() else {
            throw CFSSLError(status: 503, code: 11000, "there is no revocation list yet; try again in a second")
        }
        return CFSSLEnvelope.success(.string(Self.base64(list)))
    }

    /// The certificate of this authority with that serial number.
    func certificate(decimalSerial text: String, issuerKeyID: String) throws(CFSSLError) -> CertificateRecord {
        guard let serial = SerialNumber(decimal: text) else {
            throw .badRequest("serial: expected a serial number in decimal digits")
        }
        let record: CertificateRecord
        do {
            record = try engine.certificate(serial: serial.hexadecimal)
        } catch {
            throw CFSSLError(error)
        }
        // Without the issuer the serial number alone could mean a certificate of somebody else.
        guard record.issuerKeyID == issuerKeyID.lowercased().filter({ $0 != ":" }) else { throw .unknownCertificate }
        return record
    }

    private static func reason(_ value: JSONValue?) throws(CFSSLError) -> RevocationReason {
        let reason: RevocationReason? =
            switch value {
            case nil, .string(""): .unspecified
            case .number(let number): RevocationReason(rawValue: Int(truncatingIfNeeded: number))
            case .string(let text): Int(text).map(RevocationReason.init(rawValue:)) ?? RevocationReason(named: text)
            default: nil
            }
        guard let reason else { throw .badRequest("Invalid reason code") }
        return reason
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        String(decoding: Base64.encode(bytes), as: UTF8.self)
    }
}
