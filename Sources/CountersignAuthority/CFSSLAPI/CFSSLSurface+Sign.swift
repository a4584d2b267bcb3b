import CountersignHTTPServer
import CountersignIssuance
import CountersignJSON
import CountersignPKI
import CountersignTransport

extension CFSSLSurface {
    /// `sign`: a certificate for a request, for callers that are known otherwise than by a key.
    func sign(_ request: ServerRequest, _ responder: Responder) throws(CFSSLError) {
        let wanted = try CFSSLSignRequest(parsing: request.body, complaint: "Unable to parse sign request")
        guard !wanted.requestPEM.isEmpty else { throw .badRequest("missing parameter 'certificate_request'") }
        let profile = try profile(wanted.profile)
        let caller = try authentication.caller(of: request)
        guard caller.satisfies(settings.profileKeys[profile.name]) else { throw .authenticationRequired }
        try sign(wanted, for: caller, responder) { _ in }
    }

    /// `authsign`: the same for callers with a key.
    func authsign(_ request: ServerRequest, _ responder: Responder) throws(CFSSLError) {
        let authenticated = try CFSSLAuthenticatedRequest(parsing: request.body)
        let complaint = "Unable to parse authenticated sign request"
        let wanted = try CFSSLSignRequest(parsing: authenticated.content, complaint: complaint)
        let profile = try profile(wanted.profile)
        let keys = settings.profileKeys[profile.name]
        let caller = try authentication.caller(of: authenticated, keys: keys, address: request.remote.host)
        guard !wanted.requestPEM.isEmpty else { throw .badRequest("missing parameter 'certificate_request'") }
        try sign(wanted, for: caller, responder) { [authentication] error in
            switch error.code {
            case .unavailable, .signingFailed, .rateLimited: authentication.forget(authenticated.token)
            default: break
            }
        }
    }

    private func sign(
        _ wanted: CFSSLSignRequest,
        for caller: CFSSLCaller,
        _ responder: Responder,
        onFailure: @escaping @Sendable (AuthorityError) -> Void
    ) throws(CFSSLError) {
        let order = try order(wanted, try wanted.signingRequest(), for: caller)
        engine.issue(order, for: caller.caller) { [self] result in
            switch result {
            case .success(let issuance) where wanted.wantsBundle:
                let certificate = JSONValue.Member("certificate", .string(issuance.certificate.certificatePEM))
                responder.answer(CFSSLEnvelope.success(.object([certificate, .init("bundle", bundle(issuance))])))
            case .success(let issuance):
                responder.answer(CFSSLEnvelope.success(certificate: issuance.certificate.der))
            case .failure(let error):
                onFailure(error)
                responder.answer(CFSSLEnvelope.failure(CFSSLError(error)))
            }
        }
    }

    /// The order that a request amounts to: for the one service that all its names belong to.
    ///
    /// - Parameter key: the private key of the request where it was generated here.
    func order(
        _ wanted: CFSSLSignRequest,
        _ request: SigningRequest,
        key: PrivateKey? = nil,
        for caller: CFSSLCaller
    ) throws(CFSSLError) -> IssuanceOrder {
        let names = wanted.hosts.map(RequestedNames.init(texts:)) ?? RequestedNames(of: request)
        let commonName = wanted.subject?.commonName ?? request.commonNames.last { !$0.isEmpty }
        do {
            let fallback: String? = if case .service(let name) = caller.caller.identity { name } else { nil }
            let service = try engine.registry.holder(of: names, commonName: commonName, fallback: fallback)
            let profiles = [service.profile] + (wanted.profile.map { [$0] } ?? [])
            guard profiles.allSatisfy({ caller.satisfies(settings.profileKeys[$0]) }) else {
                throw CFSSLError.badRequest(
                    "authentication required: the service '\(service.name)' is of the profile '\(service.profile)', "
                        + "whose key this request is not authenticated with; name the profile"
                )
            }
            // Being on this host, or having a build's key, makes nobody an administrator.
            guard caller.proof == .identity || engine.administrativeRole(of: .service(service.name)) == nil else {
                throw AuthorityError(.forbidden, "'\(service.name)' is an administrator: show a certificate or a token")
            }
            // How long a certificate lives is not for whoever has a key to choose, were it good for both profiles.
            if case .key = caller.proof, let wanted = wanted.profile, wanted != service.profile {
                let registered = "registered with the profile '\(service.profile)'; operators may choose"
                throw AuthorityError(.forbidden, "'\(service.name)' is \(registered)")
            }
            let vetted = try VettedRequest(request, for: service, key: key)
            var order = IssuanceOrder(holder: .service(service.name), key: .vetted(vetted), channel: .cfssl)
            order.profile = wanted.profile
            order.commonName = commonName
            if !names.isEmpty { (order.dnsNames, order.addresses) = (names.dnsNames, names.addresses) }
            return order
        } catch let error as AuthorityError {
            refused(names.first ?? commonName ?? "", error, by: caller.caller)
            throw CFSSLError(error)
        } catch let error as CFSSLError {
            throw error
        } catch {
            throw CFSSLError(status: 500, code: 0, "internal error")
        }
    }

    /// Records a request that was refused before it became an order.
    func refused(_ name: String, _ error: AuthorityError, by caller: Caller) {
        let order = IssuanceOrder(holder: .service(name), key: .generated(nil), channel: .cfssl)
        engine.refuse(order, for: caller, error)
    }
}
