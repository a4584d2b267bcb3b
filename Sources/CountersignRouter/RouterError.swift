/// An answer that the router gives itself, in the words that GoRouter's clients know.
struct RouterError: Equatable {
    let status: Int
    /// The status line's reason phrase.
    let reason: StaticString
    /// The value of `X-Cf-RouterError`; empty leaves the header out.
    var header: StaticString = ""
    /// What follows the status in the body, and the `error` of the access log.
    let detail: StaticString
    /// One word for the access log.
    let label: StaticString
    /// Whether the connection must end because what follows on it cannot be trusted.
    var closes = false
    /// The value of `WWW-Authenticate`; empty leaves the header out.
    var challenge: StaticString = ""

    static func == (left: RouterError, right: RouterError) -> Bool {
        left.status == right.status && left.label.description == right.label.description
    }

    static let unknownRoute = RouterError(
        status: 404,
        reason: "Not Found",
        header: "unknown_route",
        detail: "Requested route does not exist.",
        label: "unknown_route"
    )
    static let noEndpoints = RouterError(
        status: 503,
        reason: "Service Unavailable",
        header: "no_endpoints",
        detail: "Requested route has no available endpoints.",
        label: "no_endpoints"
    )
    static let endpointFailure = RouterError(
        status: 502,
        reason: "Bad Gateway",
        header: "endpoint_failure",
        detail: "Registered endpoint failed to handle the request.",
        label: "endpoint_failure"
    )
    static let malformedResponse = RouterError(
        status: 502,
        reason: "Bad Gateway",
        header: "endpoint_failure",
        detail: "Registered endpoint gave a malformed response.",
        label: "malformed_response"
    )
    static let endpointTimeout = RouterError(
        status: 504,
        reason: "Gateway Timeout",
        header: "endpoint_failure",
        detail: "Registered endpoint did not answer in time.",
        label: "endpoint_timeout"
    )
    static let upstreamMisnamed = RouterError(
        status: 503,
        reason: "Service Unavailable",
        header: "endpoint_failure",
        detail: "Registered endpoint's certificate is for another identity.",
        label: "upstream_name_mismatch"
    )
    static let upstreamUntrusted = RouterError(
        status: 526,
        reason: "Invalid SSL Certificate",
        header: "endpoint_failure",
        detail: "Registered endpoint's certificate is not accepted.",
        label: "upstream_untrusted"
    )
    static let upstreamRevocationUnknown = RouterError(
        status: 503,
        reason: "Service Unavailable",
        header: "endpoint_failure",
        detail: "Whether the endpoint's certificate has been revoked cannot be told at the moment.",
        label: "upstream_revocation_unknown"
    )
    static let upstreamHandshakeFailed = RouterError(
        status: 525,
        reason: "SSL Handshake Failed",
        header: "endpoint_failure",
        detail: "Registered endpoint failed the TLS handshake.",
        label: "upstream_handshake_failed"
    )
    static let upstreamRefusesIdentity = RouterError(
        status: 496,
        reason: "SSL Certificate Required",
        header: "endpoint_failure",
        detail: "Registered endpoint does not accept the router's certificate.",
        label: "upstream_refused_identity"
    )
    static let upstreamIdentityMissing = RouterError(
        status: 503,
        reason: "Service Unavailable",
        header: "endpoint_failure",
        detail: "The router has no certificate to present to the endpoint.",
        label: "upstream_identity_missing"
    )
    static let misdirected = RouterError(
        status: 421,
        reason: "Misdirected Request",
        detail: "This connection's TLS handshake was not for the requested host.",
        label: "misdirected_request"
    )
    static let certificateNoLongerValid = RouterError(
        status: 421,
        reason: "Misdirected Request",
        detail: "The client certificate of this connection is no longer accepted; connect again.",
        label: "certificate_no_longer_valid",
        closes: true
    )
    static let revocationUnknown = RouterError(
        status: 503,
        reason: "Service Unavailable",
        detail: "Whether the client certificate has been revoked cannot be told at the moment.",
        label: "revocation_unknown"
    )
    static let forbidden = RouterError(
        status: 403,
        reason: "Forbidden",
        detail: "The caller is not allowed to use this route.",
        label: "denied"
    )
    static let connectOnStream = RouterError(
        status: 501,
        reason: "Not Implemented",
        detail: "CONNECT is not offered over HTTP/2.",
        label: "method_not_implemented"
    )
    static let tunnelNotAllowed = RouterError(
        status: 403,
        reason: "Forbidden",
        detail: "This route allows no tunnels.",
        label: "tunnel_not_allowed",
        closes: true
    )
    static let upgradeNotAllowed = RouterError(
        status: 403,
        reason: "Forbidden",
        detail: "This route allows no switch to another protocol.",
        label: "upgrade_not_allowed"
    )
    static let plaintextRefused = RouterError(
        status: 400,
        reason: "Bad Request",
        detail: "this port speaks HTTPS only.",
        label: "plaintext_refused",
        closes: true
    )
    static let tlsRequired = RouterError(
        status: 421,
        reason: "Misdirected Request",
        detail: "This host is served over TLS alone.",
        label: "tls_required"
    )
    static let requestTimeout = RouterError(
        status: 408,
        reason: "Request Timeout",
        detail: "The request did not arrive in time.",
        label: "request_timeout",
        closes: true
    )
    static let connectRefused = RouterError(
        status: 501,
        reason: "Not Implemented",
        detail: "CONNECT is not offered here.",
        label: "method_not_implemented",
        closes: true
    )

    /// The reason phrase of a status that a protocol violation is answered with (RFC 9110 section 15.5).
    static func reasonPhrase(_ status: Int) -> StaticString {
        switch status {
        case 400: "Bad Request"
        case 408: "Request Timeout"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 417: "Expectation Failed"
        case 431: "Request Header Fields Too Large"
        case 501: "Not Implemented"
        case 505: "HTTP Version Not Supported"
        default: "Error"
        }
    }
}
