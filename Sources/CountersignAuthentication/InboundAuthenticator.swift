import CountersignIdentityMapping

/// Judges who makes a request, by its token and the certificate that a TLS handshake or a trusted proxy vouches for.
///
/// Immutable; a change of the settings makes a new one.
package struct InboundAuthenticator: Sendable {
    /// What requests are judged by.
    package let settings: InboundSettings

    /// Takes the settings.
    package init(_ settings: InboundSettings) {
        self.settings = settings
    }

    /// Judges a request.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - now: the current time in Unix milliseconds.
    package func authenticate(_ request: InboundRequest, atUnixMilliseconds now: Int64) -> InboundVerdict {
        var check = InboundCheck(settings: settings, request: request, now: now / 1000)
        let result: Result<Authenticated, AuthenticationRefusal>
        do {
            result = .success(try check.run())
        } catch {
            result = .failure(error)
        }
        return verdict(
            result,
            on: request,
            shown: check.shown,
            ignoredForwarded: check.ignoredForwarded,
            atUnixMilliseconds: now
        )
    }

    /// Refuses a request, whoever makes it.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - refusal: why.
    ///   - now: the current time in Unix milliseconds.
    package func refuse(
        _ request: InboundRequest,
        _ refusal: AuthenticationRefusal,
        atUnixMilliseconds now: Int64
    ) -> InboundVerdict {
        var check = InboundCheck(settings: settings, request: request, now: now / 1000)
        check.look()
        return verdict(.failure(refusal), on: request, shown: check.shown, atUnixMilliseconds: now)
    }

    /// Refuses a request that has a header field which services may take for one of its proxy.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - names: the names of its header fields.
    ///   - now: the current time in Unix milliseconds.
    /// - Returns: nil when it has none.
    package func refuseDisguised(
        _ request: InboundRequest,
        fieldNames names: some Sequence<String>,
        atUnixMilliseconds now: Int64
    ) -> InboundVerdict? {
        guard let name = HeaderNames.disguised(among: names, reader: settings.reader) else { return nil }
        let refusal = AuthenticationRefusal(
            .invalidRequest,
            "a header field is named \(name.prefix(64)), which services may take for one that the proxy sets"
        )
        return refuse(request, refusal, atUnixMilliseconds: now)
    }

    private func verdict(
        _ result: Result<Authenticated, AuthenticationRefusal>,
        on request: InboundRequest,
        shown: CertificateThumbprint?,
        ignoredForwarded: Bool = false,
        atUnixMilliseconds now: Int64
    ) -> InboundVerdict {
        // What a success names is the certificate that counted.
        let thumbprint =
            switch result {
            case .success(let authenticated) where authenticated.waived == nil: authenticated.certificate?.thumbprint
            default: shown
            }
        var audit = AuditEvent(
            time: now,
            isSuccess: true,
            reason: nil,
            mode: settings.mode,
            method: request.method,
            host: request.host,
            path: request.path,
            thumbprint: thumbprint?.hexadecimal,
            caller: nil
        )
        switch result {
        case .success(let authenticated):
            audit.reason = authenticated.waived?.code
            audit.caller = authenticated.caller
        case .failure(let refusal):
            audit.isSuccess = false
            audit.reason = refusal.code
        }
        return InboundVerdict(
            result: result,
            audit: audit,
            hasThumbprint: thumbprint != nil,
            ignoredForwarded: ignoredForwarded
        )
    }
}
