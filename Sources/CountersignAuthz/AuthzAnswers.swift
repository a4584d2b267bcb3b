package import CountersignAuthentication
import CountersignHTTPServer
import CountersignIdentity
import CountersignIdentityMapping

/// The answers of the service.
package enum AuthzAnswers {
    /// The status that the client is to be told.
    package static let statusHeader = "X-Countersign-Status"

    /// The header fields that tell a backend who calls.
    package static func fields(_ authenticated: Authenticated) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        func add(_ name: String, _ value: String?) {
            guard let value, !value.isEmpty, value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return }
            fields.append((name, value))
        }
        let outcome = authenticated.certificate == nil ? "none" : "verified"
        add(CallerHeaders.outcome, authenticated.waived.map { "waived:\($0.code.rawValue)" } ?? outcome)
        add(CallerHeaders.tokenSubject, authenticated.token?.subject)
        let identity = authenticated.names.arn ?? authenticated.names.spiffeID?.description
        add(CallerHeaders.identity, identity)
        if identity == nil { add(CallerHeaders.service, service(of: authenticated.certificate)) }
        add(CallerHeaders.thumbprint, authenticated.certificate?.thumbprint?.hexadecimal)
        return fields
    }

    /// The service that a certificate names; nil unless it is a plain word, as whoever fills in a certificate request chooses
    /// its common name.
    private static func service(of certificate: PresentedCertificate?) -> String? {
        guard let name = certificate?.service, name.utf8.allSatisfy(isOfPlainName) else { return nil }
        return name
    }

    private static func isOfPlainName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// Lets a request through.
    static func allowed(_ authenticated: Authenticated) -> ServerResponse {
        ServerResponse(
            status: 200,
            contentType: "",
            fields: fields(authenticated) + [("Cache-Control", "no-store")],
            body: []
        )
    }

    /// Refuses a request.
    ///
    /// - Parameters:
    ///   - refusal: why.
    ///   - status: the status for the proxy, where that cannot be the client's.
    static func refused(_ refusal: AuthenticationRefusal, status: Int? = nil) -> ServerResponse {
        ServerResponse(
            status: status ?? refusal.status,
            contentType: AuthenticationRefusal.contentType,
            fields: challenge(refusal) + clientStatus(refusal, status) + [("Cache-Control", "no-store")],
            body: refusal.body
        )
    }

    /// The client's answer to a request that nginx refuses.
    ///
    /// To a 401, nginx adds the `WWW-Authenticate` that it was answered before.
    static func forClientOfNginx(_ refusal: AuthenticationRefusal) -> ServerResponse {
        ServerResponse(
            status: refusal.status,
            contentType: AuthenticationRefusal.contentType,
            fields: (refusal.status == 401 ? [] : challenge(refusal)) + [("Cache-Control", "no-store")],
            body: refusal.body
        )
    }

    /// What the client is to be told, where the proxy is told something else.
    private static func clientStatus(
        _ refusal: AuthenticationRefusal,
        _ status: Int?
    ) -> [(name: String, value: String)] {
        status == nil || status == refusal.status ? [] : [(statusHeader, String(refusal.status))]
    }

    /// What the caller has to show; nothing where the fault is not the caller's.
    static func challenge(_ refusal: AuthenticationRefusal) -> [(name: String, value: String)] {
        refusal.status < 500 ? [("WWW-Authenticate", refusal.challenge)] : []
    }
}
