import CountersignJSON
import CountersignPKI

/// The content of `sign`, and of the request inside `authsign`.
struct CFSSLSignRequest: Sendable {
    /// The certificate request in PEM.
    var requestPEM: String
    /// The names that are to stand in the certificate in place of the request's; nil to keep those.
    var hosts: [String]?
    /// The subject that is to stand in place of the request's; nil to keep that.
    var subject: CFSSLSubject?
    /// The profile by name; nil for the one of the service's registration.
    var profile: String?
    /// Whether the chain is wanted as well.
    var wantsBundle: Bool

    /// Reads the content.
    ///
    /// Members without a meaning here are ignored, as clients send more than servers look at.
    ///
    /// - Throws: ``CFSSLError`` with code 400.
    init(parsing body: [UInt8], complaint: String) throws(CFSSLError) {
        do {
            let object = try JSONObject(try JSONValue(parsing: body), known: nil)
            requestPEM = try object.string("certificate_request") ?? ""
            let hostname = try object.string("hostname") ?? ""
            let list = hostname.isEmpty ? try object.strings("hosts") : hostname.split(separator: ",").map(String.init)
            hosts = list.flatMap { $0.isEmpty ? nil : $0 }
            subject = try object.object("subject", known: nil).map(CFSSLSubject.init)
            profile = try object.string("profile").flatMap { $0.isEmpty ? nil : $0 }
            wantsBundle = try object.bool("bundle") ?? false
        } catch {
            throw CFSSLError(error, isEmpty: body.isEmpty, prefix: complaint)
        }
    }

    /// What is wanted for a certificate request that is made here.
    init(profile: String?, wantsBundle: Bool) {
        requestPEM = ""
        self.profile = profile.flatMap { $0.isEmpty ? nil : $0 }
        self.wantsBundle = wantsBundle
    }

    /// The certificate request.
    ///
    /// - Throws: ``CFSSLError`` when there is none, or it cannot be read.
    func signingRequest() throws(CFSSLError) -> SigningRequest {
        do {
            return try SigningRequest(pem: Array(requestPEM.utf8))
        } catch {
            throw CFSSLError(ofRequest: error)
        }
    }
}
