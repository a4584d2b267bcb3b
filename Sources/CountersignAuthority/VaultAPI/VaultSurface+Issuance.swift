import CountersignHTTPServer
import CountersignIdentity
import CountersignIssuance
import CountersignJSON
import CountersignPKI
import CountersignTransport

extension VaultSurface {
    /// `issue`, `sign` and `sign-verbatim`, also below an issuer: there is one, which has these names.
    func addIssuance(to routes: inout RouteList) {
        let issuers = ["", "issuer/default/", "issuer/\(engine.issuer.keyID)/"]
        for issuer in issuers {
            write(path("\(issuer)issue/{role}"), &routes) { request, path, responder throws(VaultError) in
                try issue(path["role"], request, responder)
            }
            write(path("\(issuer)sign/{role}"), &routes) { request, path, responder throws(VaultError) in
                try sign(path["role"], request, responder)
            }
            write(path("\(issuer)sign-verbatim"), &routes) { request, _, responder throws(VaultError) in
                try sign(nil, request, responder)
            }
            write(path("\(issuer)sign-verbatim/{role}"), &routes) { request, path, responder throws(VaultError) in
                try sign(path["role"], request, responder)
            }
        }
    }

    /// A certificate for a key that is generated here.
    private func issue(_ name: String, _ request: ServerRequest, _ responder: Responder) throws(VaultError) {
        let caller = try authentication.caller(of: request, for: .known)
        let parameters = try VaultParameters(request)
        let wanted = try VaultCertificateRequest(parameters)
        let kind = try Self.kind(parameters)
        let (service, profile) = try holder(VaultRole(name, engine), wanted.names, wanted.commonName, caller)
        let (order, warnings) = wanted.order(
            for: service,
            of: profile,
            names: wanted.names,
            commonName: wanted.commonName,
            key: .generated(kind)
        )
        let job: @Sendable () -> Void = { finish(order, caller, wanted, warnings, responder) }
        switch kind ?? profile.keyKind {
        case .p256, .p384: job()
        case .rsa2048, .rsa3072, .rsa4096:
            guard work.run(job) else { throw VaultError(503, "too many keys are being made; try again in a second") }
        }
    }

    /// A certificate for the key of a request.
    ///
    /// - Parameter name: the role; nil to go by the names alone, which administrators may.
    private func sign(_ name: String?, _ request: ServerRequest, _ responder: Responder) throws(VaultError) {
        let caller = try authentication.caller(of: request, for: name == nil ? .administer : .known)
        let parameters = try VaultParameters(request)
        let wanted = try VaultCertificateRequest(parameters)
        guard let pem = try parameters.text("csr") else { throw VaultError(400, "\"csr\" is empty") }
        let csr: SigningRequest
        do {
            csr = try SigningRequest(pem: Array(pem.utf8))
        } catch {
            throw VaultError(ofRequest: error)
        }
        let names = wanted.names.isEmpty ? RequestedNames(of: csr) : wanted.names
        let commonName = csr.commonNames.last { !$0.isEmpty } ?? wanted.commonName
        let role = try name.map { name throws(VaultError) in try VaultRole(name, engine) }
        let (service, profile) = try holder(role, names, commonName, caller)
        let vetted: VettedRequest
        do {
            vetted = try VettedRequest(csr, for: service)
        } catch {
            throw refusal(service.name, error, caller)
        }
        let (order, warnings) = wanted.order(
            for: service,
            of: profile,
            names: names,
            commonName: commonName,
            key: .vetted(vetted)
        )
        finish(order, caller, wanted, warnings, responder)
    }

    /// The service that a certificate is for, all of whose names are registered for it, and the profile to follow.
    private func holder(
        _ role: VaultRole?,
        _ names: RequestedNames,
        _ commonName: String?,
        _ caller: Caller
    ) throws(VaultError) -> (ServiceRegistration, IssuanceProfile) {
        do throws(AuthorityError) {
            if case .service(let service, let profile) = role {
                if let name = names.firstForeign(to: service) { throw .foreign(name, to: service.name) }
                if let commonName, commonName != service.name, !service.mayBe(commonName) {
                    throw .foreign(commonName, to: service.name)
                }
                return (service, profile)
            }
            let service = try engine.registry.holder(of: names, commonName: commonName, fallback: nil)
            let profile = try engine.profile(service.profile)
            guard let role, role.profile.name != profile.name else { return (service, profile) }
            throw AuthorityError(
                .nameNotAllowed,
                "the service '\(service.name)' is of the profile '\(profile.name)', and the role '\(role.profile.name)' "
                    + "is for services of its own; use the role '\(service.name)' or '\(profile.name)'"
            )
        } catch {
            throw refusal(names.first ?? commonName ?? "", error, caller)
        }
    }

    /// Records a request that was refused before it became an order.
    private func refusal(_ name: String, _ error: AuthorityError, _ caller: Caller) -> VaultError {
        let order = IssuanceOrder(holder: .service(name), key: .generated(nil), channel: .vault)
        engine.refuse(order, for: caller, error)
        return VaultError(error)
    }

    private func finish(
        _ order: IssuanceOrder,
        _ caller: Caller,
        _ wanted: VaultCertificateRequest,
        _ warnings: [String],
        _ responder: Responder
    ) {
        engine.issue(order, for: caller) { result in
            switch result {
            case .success(let issuance):
                responder.answer(VaultEnvelope.answer(data(issuance, wanted), warnings: warnings))
            case .failure(let error): responder.answer(VaultEnvelope.failure(VaultError(error)))
            }
        }
    }

    private func data(_ issuance: Issuance, _ wanted: VaultCertificateRequest) -> JSONValue {
        let format = wanted.format
        let chain = VaultChain(issuance.certificate, engine.issuer)
        let issuers = chain.issuersDER(withRoot: !wanted.excludesRoot).map(format.certificate)
        var certificate = format.certificate(issuance.certificate.der)
        if format.certificates == .bundle {
            let parts = (issuance.key.map { [format.key($0)] } ?? []) + [certificate] + issuers
            certificate = parts.joined(separator: "\n")
        }
        var members: [JSONValue.Member] = [
            .init("certificate", .string(certificate)),
            .init("issuing_ca", .string(format.certificate(chain.issuerDER))),
            .init("ca_chain", .strings(issuers)),
            .init("serial_number", .string(VaultSerial.text(issuance.record.serial))),
            .init("expiration", .number(issuance.record.notAfter)),
            .init("not_before", .number(issuance.record.notBefore)),
        ]
        if let key = issuance.key {
            members.append(.init("private_key", .string(format.key(key))))
            let isRSA = issuance.record.keyAlgorithm.lowercased().hasPrefix("rsa")
            members.append(.init("private_key_type", .string(isRSA ? "rsa" : "ec")))
        }
        return .object(members)
    }

    /// The kind of key to generate; nil for the profile's.
    private static func kind(_ parameters: VaultParameters) throws(VaultError) -> PrivateKey.Kind? {
        let bits = try parameters.integer("key_bits") ?? 0
        switch (try parameters.text("key_type"), bits) {
        case (nil, 0), ("any", 0): return nil
        case ("ec", 0), ("ec", 256): return .p256
        case ("ec", 384): return .p384
        case ("rsa", 0), ("rsa", 2048): return .rsa2048
        case ("rsa", 3072): return .rsa3072
        case ("rsa", 4096): return .rsa4096
        default:
            throw VaultError(400, "key_type, key_bits: expected ec with 256 or 384, or rsa with 2048, 3072 or 4096")
        }
    }
}
