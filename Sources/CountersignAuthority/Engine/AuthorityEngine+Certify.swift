import CountersignIssuance
import CountersignPKI
import CountersignTransport
import Logging

/// A certificate that was made and is recorded nowhere yet.
struct CertifiedKey {
    /// The certificate and those above it.
    var certificate: IssuedCertificate
    /// Its key when it was generated here: a secret.
    var key: PrivateKey?
    /// The kind of the certified key, for the record.
    var keyAlgorithm: String
    /// The key identifier of whoever signed, in lower-case hexadecimal without colons.
    var issuerKeyID: String
}

extension AuthorityEngine {
    /// Runs `body` where the order may take its time: at once, or on a thread when an outside CA is asked or an RSA key
    /// is to be made, which takes seconds.
    ///
    /// - Parameter refuse: is called instead when too much is waiting.
    func whereSigningMayBlock(
        for order: IssuanceOrder,
        refuse: (AuthorityError) -> Void,
        _ body: @escaping @Sendable () -> Void
    ) {
        if let outside = issuer.outside, case .service = order.holder {
            guard outside.run(body) else {
                return refuse(
                    AuthorityError(.unavailable, "too many requests wait for the outside CA; try again in a second")
                )
            }
        } else if makesSlowKey(order) {
            guard keyGeneration.run(body) else {
                return refuse(
                    AuthorityError(.unavailable, "too many requests wait for RSA keys; try again, or send a request")
                )
            }
        } else {
            body()
        }
    }

    private func makesSlowKey(_ order: IssuanceOrder) -> Bool {
        guard case .generated(let wanted) = order.key, case .service(let name) = order.holder else { return false }
        let profile = order.profile ?? registry.services[name]?.profile
        switch wanted ?? profile.flatMap({ settings.profiles[$0]?.keyKind }) {
        case .rsa2048, .rsa3072, .rsa4096: return true
        case .p256, .p384, nil: return false
        }
    }

    /// Has the certificate made: services' by the outside CA where there is one, all others by the authority's own key.
    func certify(
        _ order: IssuanceOrder,
        as plan: IssuancePlan,
        now: Int64
    ) throws(AuthorityError) -> CertifiedKey {
        if let outside = issuer.outside, case .service(let name) = order.holder {
            return try certify(order, as: plan, by: outside, service: name, now: now)
        }
        do {
            switch order.key {
            case .generated(let kind):
                let issued = try issuer.authority.issue(plan.profile, key: kind ?? plan.keyKind, now: now)
                return own(issued.certificate, issued.key, issued.key.publicKey)
            case .request(let request):
                let certificate = try issuer.authority.sign(request, profile: plan.profile, now: now)
                return own(certificate, nil, request.publicKey)
            case .vetted(let vetted):
                var random = SystemRandomNumberGenerator()
                let key = vetted.request.publicKey
                let certificate = try issuer.authority.certify(key, profile: plan.profile, now: now, random: &random)
                return own(certificate, nil, key)
            }
        } catch {
            throw AuthorityError(error)
        }
    }

    private func own(
        _ certificate: IssuedCertificate,
        _ key: PrivateKey?,
        _ publicKey: SubjectPublicKey
    ) -> CertifiedKey {
        CertifiedKey(
            certificate: certificate,
            key: key,
            keyAlgorithm: publicKey.kind.name,
            issuerKeyID: issuer.keyID
        )
    }

    private func certify(
        _ order: IssuanceOrder,
        as plan: IssuancePlan,
        by outside: OutsideSigning,
        service name: String,
        now: Int64
    ) throws(AuthorityError) -> CertifiedKey {
        let (request, key) = try request(of: order.key, as: plan, service: name)
        let certificate = try outside.sign(SigningOrder(request: request, content: plan.profile), now: now)
        return CertifiedKey(
            certificate: certificate.issued,
            key: key,
            keyAlgorithm: request.publicKey.kind.name,
            issuerKeyID: certificate.issuerKeyID
        )
    }

    /// Tells the outside CA of revocations of certificates that it has made; what it cannot do is logged.
    func passOn(_ events: [RevocationEvent]) {
        guard let outside = issuer.outside else { return }
        for event in events where event.issuerKeyID != issuer.keyID {
            let isQueued = outside.run { [self] in passOn(event, to: outside) }
            if !isQueued { complain(event, "too much is waiting for it") }
        }
    }

    private func passOn(_ event: RevocationEvent, to outside: OutsideSigning) {
        do {
            try outside.revoke(try certificate(serial: event.serial), reason: event.reason)
        } catch {
            complain(event, "\(error)")
        }
    }

    private func complain(_ event: RevocationEvent, _ reason: String) {
        logger.error(
            "the outside CA does not know of a revocation; revoke the certificate there by hand",
            metadata: ["serial": "\(event.serial)", "reason": "\(reason)"]
        )
    }

    /// A request that may leave the house: it proves its key, and asks for nothing that is not the service's.
    private func request(
        of key: IssuanceOrder.Key,
        as plan: IssuancePlan,
        service name: String
    ) throws(AuthorityError) -> (SigningRequest, PrivateKey?) {
        switch key {
        case .request(let request): return (try VettedRequest(request, for: try service(name)).request, nil)
        case .vetted(let vetted): return (vetted.request, nil)
        case .generated(let kind):
            do {
                let key = try PrivateKey.generate(kind ?? plan.keyKind)
                var builder = SigningRequestBuilder()
                builder.subject = plan.profile.subject
                builder.names = plan.profile.alternativeNames
                return (try builder.request(for: key), key)
            } catch {
                throw AuthorityError(error)
            }
        }
    }
}
