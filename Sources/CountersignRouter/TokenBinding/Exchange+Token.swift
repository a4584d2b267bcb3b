import CountersignHTTP1
import CountersignPKI
import CountersignTelemetry
import CountersignTokens
import CountersignTransport

extension Exchange {
    /// Whether the request shows a token that is bound to the certificate of the connection, where its domain wants one.
    ///
    /// If not, it has been refused. A token alone is never enough.
    func holdsBoundToken(_ client: ClientConnection) -> Bool {
        guard let rule = domain?.tokenBinding else { return true }
        guard let refusal = tokenRefusal(rule, client) else { return true }
        var fragment = decisionLog ?? AccessLogFragment(worker.logForm)
        fragment.add(.deniedReason, "\(refusal.metricLabel): \(refusal.explanation)")
        decisionLog = fragment
        outcome.authorization = .denied
        worker.countTokenRefusal(refusal)
        refuse(refusal.error)
        return false
    }

    private func tokenRefusal(_ rule: TokenBindingRule, _ client: ClientConnection) -> TokenRefusal? {
        // A connection without TLS, and what was verified for another domain, is no certificate for this one.
        let peer = client.isPlain || client.identity.domain !== domain ? nil : client.identity.peer
        guard let peer else { return .binding(.certificateMissing) }
        var shown: ByteRange?
        for field in worker.requestScanner.fields where field.kind == .authorization {
            guard shown == nil else { return .ambiguous }
            shown = field.value
        }
        guard let shown, let token = bearerToken(shown) else { return .missing }
        switch worker.token(token, by: rule) {
        case .failure(let rejection):
            if rejection.code == .unknownKey { rule.unknownKeys?.note() }
            return .rejected(rejection)
        case .success(let verified):
            let check = verified.binding(toCertificateSHA256: peer.sha256)
            return check == .bound ? nil : .binding(check)
        }
    }

    /// The token of credentials of the scheme `Bearer`, which is read in any case (RFC 9110 section 11.1).
    private func bearerToken(_ value: ByteRange) -> [UInt8]? {
        let bytes = unsafe Array(headBytes.readable[value.start..<value.end])
        let scheme = Array("bearer ".utf8)
        guard bytes.count > scheme.count,
            zip(bytes, scheme).allSatisfy({ byte, letter in byte == letter || byte | 0x20 == letter })
        else { return nil }
        return Array(bytes.dropFirst(scheme.count).drop { $0 == 0x20 })
    }
}

extension RouterWorker {
    /// Judges a token, or remembers how it was judged: a caller shows the same one with each request.
    fileprivate func token(
        _ token: [UInt8],
        by rule: TokenBindingRule
    ) -> Result<VerifiedToken, TokenRejection> {
        let now = unixSeconds
        if tokens[rule.number] == nil {
            tokens[rule.number] = VerifiedTokenCache(capacity: Self.rememberedTokens)
        }
        let digest = TokenDigest(of: token)
        if let known = tokens[rule.number]?.token(digest, atUnixSeconds: now) { return .success(known) }
        let result = rule.verifier.verify(token, atUnixSeconds: now)
        if case .success(let verified) = result { tokens[rule.number]?.insert(verified, digest) }
        return result
    }

    func countTokenRefusal(_ refusal: TokenRefusal) {
        metrics.mtls.countAuthFailure(reason: refusal.metricLabel)
        if refusal == .binding(.mismatch) { metrics.mtls.bindingMismatches.add(shard: loop.index) }
    }

    /// How many tokens a worker remembers of one domain, and up to twice as many.
    private static let rememberedTokens = 4_096
}
