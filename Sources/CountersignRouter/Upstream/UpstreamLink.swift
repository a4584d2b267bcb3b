/// By what right, and how, a connection to an endpoint sends requests.
enum UpstreamLink {
    /// By none: the connection is being opened, and what is to be sent waits.
    case none
    /// In plain text.
    case plain(PlaintextPermission)
    /// Through the session with the upstream that was verified.
    case secure(VerifiedUpstream)
}

/// The permission to send requests to an endpoint in plain text; it can be made in this file only.
struct PlaintextPermission {
    /// For an endpoint from which nothing else is asked; `nil` for every other one.
    init?(for security: UpstreamSecurity?) {
        guard security == nil else { return nil }
    }

    /// For an endpoint that does not speak TLS and of which that is allowed; `nil` for every other one.
    ///
    /// An endpoint that speaks TLS and is not who it has to be gets nothing in any case.
    init?(insteadOf security: UpstreamSecurity, after failure: UpstreamFailure) {
        guard security.allowsFallback, failure.meansNoTLS else { return nil }
    }
}
