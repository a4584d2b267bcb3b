import CountersignIdentity
import CountersignIdentityMapping
import CountersignPKI
import CountersignRouting

/// The checks of one request in their order.
struct InboundCheck {
    let settings: InboundSettings
    let request: InboundRequest
    /// Unix seconds.
    let now: Int64

    /// The digest of the certificate that was shown and could be read, whatever becomes of it.
    private(set) var shown: CertificateThumbprint?
    private var certificate: PresentedCertificate?
    private(set) var ignoredForwarded = false
    private var waived: AuthenticationRefusal?

    init(settings: InboundSettings, request: InboundRequest, now: Int64) {
        self.settings = settings
        self.request = request
        self.now = now
    }

    mutating func run() throws(AuthenticationRefusal) -> Authenticated {
        if isUnauthenticated { return Authenticated() }
        let isBound = settings.bindingRequired.covers(request.target)
        let needsCertificate = settings.mode.needsCertificate || isBound
        if settings.mode.readsCertificates || isBound { try readCertificate() }
        if needsCertificate, certificate == nil {
            try object(AuthenticationRefusal(.certificateMissing, missingCertificate))
        }
        let token = settings.mode.needsToken || isBound ? try checkToken() : nil
        var isOwnToken = false
        if let token, settings.mode != .bearerOnly || isBound {
            isOwnToken = try checkBinding(of: token, isNeeded: needsCertificate)
        }
        let (arn, rule) = try mapIdentity(isNeeded: needsCertificate)
        let names = CallerNames(
            arn: arn?.description,
            spiffeID: certificate?.facts.identity.spiffeID,
            service: certificate?.service ?? (isOwnToken ? token?.service : nil)
        )
        try checkAllowList(names)
        if let waived { return Authenticated(waiving: waived, token: token) }
        return Authenticated(certificate: certificate, token: token, names: names, rule: rule)
    }

    /// Looks at the certificate of a request that is refused for something else, for what is kept of the refusal.
    mutating func look() {
        guard !isUnauthenticated,
            settings.mode.readsCertificates || settings.bindingRequired.covers(request.target)
        else { return }
        try? readCertificate()
    }

    /// Refuses the request, or keeps in mind what would have where mutual TLS is not enforced.
    private mutating func object(_ refusal: AuthenticationRefusal) throws(AuthenticationRefusal) {
        guard !settings.isEnforcing, refusal.code.isWaivable else { throw refusal }
        waived = waived ?? refusal
    }

    private var isUnauthenticated: Bool {
        settings.unauthenticated.contains { $0.isPath(of: request.target) }
    }

    private var missingCertificate: String {
        ignoredForwarded
            ? "a client certificate is needed; the proxy that forwarded one is not trusted"
            : "a client certificate is needed, and \(settings.reader.headerName) has none"
    }
}

extension InboundCheck {
    private mutating func readCertificate() throws(AuthenticationRefusal) {
        guard settings.proxies.contains(request.peer) else {
            ignoredForwarded = !request.values(settings.reader.headerName).isEmpty
            return try takeFromConnection()
        }
        // The connection's own certificate is the proxy's here, and says nothing of the caller.
        let reading: ForwardedCertificateReader.Reading?
        do {
            reading = try settings.reader.read(request.values)
        } catch {
            switch error {
            case .malformed(let reason): throw AuthenticationRefusal(.certificateMalformed, reason)
            case .tooLarge(let limit):
                throw AuthenticationRefusal(
                    .certificateTooLarge,
                    "\(settings.reader.headerName) has more than \(limit) bytes"
                )
            case .notVerified(let thumbprint):
                shown = thumbprint
                try object(AuthenticationRefusal(.certificateNotVerified, "the proxy did not verify the certificate"))
                return
            }
        }
        switch reading {
        case nil: break
        case .certificate(let leaf, let issuers): try take(leaf, issuers)
        case .facts(let element, let thumbprint):
            shown = thumbprint
            guard settings.verifier == nil else {
                throw AuthenticationRefusal(
                    .certificateMalformed,
                    "\(settings.reader.headerName) has no Cert, and the certificate is to be verified here"
                )
            }
            do {
                certificate = try PresentedCertificate(element, thumbprint)
            } catch {
                throw AuthenticationRefusal(
                    .certificateMalformed,
                    "\(settings.reader.headerName): Subject: \(error.message)"
                )
            }
        case .terminator(let terminator):
            switch settings.revokedSerials.standing(of: terminator.serial, atUnixSeconds: now) {
            case .good: break
            case .revoked: try object(AuthenticationRefusal(.certificateRevoked, "the certificate was revoked"))
            case .unknown:
                try object(
                    AuthenticationRefusal(
                        .certificateUntrusted,
                        "the certificate is not one that is trusted here (crl_unusable)"
                    )
                )
            }
            certificate = PresentedCertificate(terminator)
        }
    }

    private mutating func takeFromConnection() throws(AuthenticationRefusal) {
        shown = request.shownCertificate.flatMap(CertificateThumbprint.init(certificate:))
        switch request.client {
        case nil: break
        case .success(let peer):
            certificate = PresentedCertificate(peer, source: .connection)
            shown = certificate?.thumbprint ?? shown
        case .failure(let rejection): try object(Self.refusal(of: rejection))
        }
    }

    private mutating func take(_ leaf: [UInt8], _ issuers: [[UInt8]]) throws(AuthenticationRefusal) {
        let parsed: ParsedCertificate
        do {
            parsed = try ParsedCertificate(der: leaf)
        } catch {
            throw AuthenticationRefusal(.certificateMalformed, "\(settings.reader.headerName): \(error.message)")
        }
        shown = CertificateThumbprint(parsed.sha256)
        if let verifier = settings.verifier {
            switch verifier.verify(UnverifiedPeerChain(derCertificates: [leaf] + issuers), atUnixSeconds: now) {
            case .success(let peer):
                certificate = PresentedCertificate(peer, source: .forwarded)
                return
            case .failure(let rejection): try object(Self.refusal(of: rejection))
            }
        } else if now > parsed.notAfter {
            try object(AuthenticationRefusal(.certificateExpired, "the certificate has expired"))
        } else if now < parsed.notBefore {
            try object(AuthenticationRefusal(.certificateNotYetValid, "the certificate is not valid yet"))
        } else if parsed.isAuthority {
            try object(
                AuthenticationRefusal(.certificateUntrusted, "the certificate is a certificate authority's")
            )
        }
        certificate = PresentedCertificate(vouchedFor: parsed)
    }

    private static func refusal(of rejection: ChainRejection) -> AuthenticationRefusal {
        switch rejection.code {
        case .expired: AuthenticationRefusal(.certificateExpired, "the certificate, or one above it, has expired")
        case .notYetValid: AuthenticationRefusal(.certificateNotYetValid, "the certificate is not valid yet")
        case .revoked: AuthenticationRefusal(.certificateRevoked, "the certificate was revoked")
        default:
            AuthenticationRefusal(
                .certificateUntrusted,
                "the certificate is not one that is trusted here (\(rejection.metricLabel))"
            )
        }
    }
}

extension InboundCheck {
    private mutating func checkToken() throws(AuthenticationRefusal) -> CheckedToken {
        let token = try BearerToken.read(request.values("Authorization"))
        guard let token else { throw AuthenticationRefusal(.tokenMissing, "a bearer token is needed") }
        guard let tokens = settings.tokens else {
            throw AuthenticationRefusal(.tokenInvalid, "no issuer of tokens is configured, so that none is good")
        }
        switch tokens.check(token, atUnixSeconds: now) {
        case .success(let checked): return checked
        case .failure(let fault):
            throw AuthenticationRefusal(.tokenInvalid, fault.explanation, tokenReason: fault.label)
        }
    }

    /// Compares the certificate with the one that the token is bound to; a bound token never counts without it.
    ///
    /// - Returns: whether the token is bound to the certificate of this request.
    private mutating func checkBinding(
        of token: CheckedToken,
        isNeeded: Bool
    ) throws(AuthenticationRefusal) -> Bool {
        guard let binding = token.binding else {
            if isNeeded, waived?.code != .certificateMissing {
                try object(
                    AuthenticationRefusal(.senderBindingMismatch, "the token is bound to no certificate, and has to be")
                )
            }
            return false
        }
        guard let certificate else {
            if waived == nil {
                try object(
                    AuthenticationRefusal(
                        .certificateMissing,
                        "the token is bound to a certificate: \(missingCertificate)"
                    )
                )
            }
            return false
        }
        guard certificate.thumbprint == binding else {
            try object(
                AuthenticationRefusal(.senderBindingMismatch, "the token is bound to another certificate than this one")
            )
            return false
        }
        return true
    }

    private mutating func mapIdentity(
        isNeeded: Bool
    ) throws(AuthenticationRefusal) -> (arn: CanonicalARN?, rule: String?) {
        guard let certificate else { return (nil, nil) }
        guard let mapping = settings.mapping else {
            if isNeeded, let ambiguity = certificate.facts.identity.ambiguity {
                try object(AuthenticationRefusal(.identityAmbiguous, ambiguity.explanation))
            }
            return (nil, nil)
        }
        switch mapping.outcome(for: certificate.facts) {
        case .mapped(let arn, let rule): return (arn, rule)
        case .unmapped:
            if isNeeded {
                try object(AuthenticationRefusal(.identityUnmapped, "no rule gives this certificate an identity"))
            }
        case .ambiguous:
            if isNeeded {
                try object(
                    AuthenticationRefusal(.identityAmbiguous, "the certificate can be understood in several ways")
                )
            }
        }
        return (nil, nil)
    }

    private mutating func checkAllowList(_ names: CallerNames) throws(AuthenticationRefusal) {
        guard let allowList = settings.allowList else { return }
        let decision = allowList.decision(
            caller: names,
            host: request.host,
            method: request.method,
            target: request.target
        )
        switch decision {
        case .allowed: break
        case .notRegistered:
            try object(AuthenticationRefusal(.serviceNotRegistered, "the caller is no service that is registered here"))
        case .notAllowed:
            try object(AuthenticationRefusal(.serviceNotAllowed, "the caller may not make this call"))
        }
    }
}
