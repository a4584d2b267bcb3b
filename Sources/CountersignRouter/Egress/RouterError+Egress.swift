/// What a forward proxy answers itself.
extension RouterError {
    static let notForProxy = RouterError(
        status: 400,
        reason: "Bad Request",
        detail: """
            this is a forward proxy: set HTTP_PROXY to its address and call http://HOST/PATH, or open a tunnel with CONNECT \
            HOST:PORT
            """,
        label: "not_a_proxy_request",
        closes: true
    )
    static let unusableHost = RouterError(
        status: 400,
        reason: "Bad Request",
        detail: "the host is neither a DNS name nor an IP address",
        label: "unusable_host"
    )
    static let httpsNeedsConnect = RouterError(
        status: 400,
        reason: "Bad Request",
        detail: "https is spoken by the client itself with a host of no domain: open a tunnel with CONNECT HOST:PORT",
        label: "https_needs_connect"
    )
    static let unknownHost = RouterError(
        status: 502,
        reason: "Bad Gateway",
        detail: "the host cannot be resolved to an address",
        label: "unknown_host"
    )
    static let resolverTimeout = RouterError(
        status: 504,
        reason: "Gateway Timeout",
        detail: "the host's name was not resolved in time (egress.timeouts.connect)",
        label: "resolver_timeout"
    )
    static let tunnelNotTLS = RouterError(
        status: 403,
        reason: "Forbidden",
        detail: "tunnels to hosts of egress.domains are for TLS alone",
        label: "tunnel_not_tls",
        closes: true
    )
    static let tunnelServerName = RouterError(
        status: 403,
        reason: "Forbidden",
        detail: "the server name of the tunnel's TLS handshake is not the host that the tunnel was opened to",
        label: "tunnel_server_name",
        closes: true
    )
    static let tunnelWithdrawn = RouterError(
        status: 403,
        reason: "Forbidden",
        detail: "the rules do not allow this tunnel any more",
        label: "tunnel_withdrawn",
        closes: true
    )

    /// The same in the words of a forward proxy, which knows no routes, and with statuses that every client knows.
    var ofForwardProxy: RouterError {
        guard let words = Self.words[label.description] else { return self }
        return RouterError(
            status: words.status,
            reason: words.status == 503
                ? "Service Unavailable" : words.status == 504 ? "Gateway Timeout" : "Bad Gateway",
            detail: words.detail,
            label: label,
            closes: closes
        )
    }

    private static let words: [String: (status: Int, detail: StaticString)] = [
        "no_endpoints": (503, "there is no router to send the call to: see egress.routers"),
        "endpoint_failure": (
            502, "the router, or the host, cannot be reached or ended the connection without an answer"
        ),
        "malformed_response": (502, "the answer is malformed"),
        "endpoint_timeout": (504, "the router, or the host, did not answer in time"),
        "upstream_name_mismatch": (
            502, "the router's certificate is not for the host that was called; nothing was sent"
        ),
        "upstream_untrusted": (502, "the router's certificate is not accepted by egress.ca_certs; nothing was sent"),
        "upstream_revocation_unknown": (
            503, "whether the router's certificate is revoked cannot be told at the moment; nothing was sent"
        ),
        "upstream_handshake_failed": (502, "the TLS handshake with the router failed; nothing was sent"),
        "upstream_refused_identity": (
            502,
            "the router does not accept the workload's certificate: it may be revoked, or of an authority unknown there"
        ),
        "upstream_identity_missing": (
            503, "the workload has no current certificate in egress.cert_dir; nothing was sent"
        ),
    ]
}
