import CountersignHTTPServer
import CountersignIdentity
import CountersignIssuance
import CountersignJSON
import CountersignPKI

extension VaultSurface {
    /// `roles`: services are read, registered and removed as roles; profiles are read.
    func addRoles(to routes: inout RouteList) {
        list(path("roles"), &routes) { responder throws(VaultError) in
            responder.answer(VaultEnvelope.list(VaultRole.names(engine)))
        }
        read(path("roles/{name}"), &routes) { path throws(VaultError) in
            guard let role = try VaultRole.known(path["name"], engine) else { throw .nothing }
            return VaultEnvelope.answer(role.json(engine))
        }
        write(path("roles/{name}"), &routes) { request, path, responder throws(VaultError) in
            try put(path["name"], request, responder)
        }
        routes.delete(path("roles/{name}")) { request, path, responder in
            Self.run(responder) { () throws(VaultError) in try remove(path["name"], request, responder) }
        }
    }

    private func put(_ name: String, _ request: ServerRequest, _ responder: Responder) throws(VaultError) {
        let caller = try authentication.caller(of: request, for: .administer)
        let parameters = try VaultParameters(request)
        let (service, profile) = try registration(name, parameters)
        let ignored = Self.ofProfile.filter(parameters.has)
        let warnings =
            ignored.isEmpty
            ? [] : ["\(ignored.joined(separator: ", ")): not taken; the profile '\(profile.name)' says these"]
        engine.put(service, isNew: false, by: caller) { result in
            switch result {
            case .success(let service):
                responder.answer(
                    VaultEnvelope.answer(VaultRole.service(service, profile).json(engine), warnings: warnings)
                )
            case .failure(let error): responder.answer(VaultEnvelope.failure(VaultError(error)))
            }
        }
    }

    private func remove(_ name: String, _ request: ServerRequest, _ responder: Responder) throws(VaultError) {
        let caller = try authentication.caller(of: request, for: .administer)
        if engine.registry.services[name] == nil, engine.settings.profiles[name] != nil {
            throw VaultError(400, "'\(name)' is a profile of the configuration file and is changed there")
        }
        engine.removeService(name, by: caller) { result in
            switch result {
            case .success: responder.answer(.empty(204))
            case .failure(let error) where error.code == .unknownService: responder.answer(.empty(204))
            case .failure(let error): responder.answer(VaultEnvelope.failure(VaultError(error)))
            }
        }
    }

    /// The registration that a role amounts to; what a registered service has beside it stays.
    private func registration(
        _ name: String,
        _ parameters: VaultParameters
    ) throws(VaultError) -> (ServiceRegistration, IssuanceProfile) {
        guard AdminNames.isService(name) else { throw VaultError(400, "name: \(AdminNames.serviceRule)") }
        guard engine.registry.services[name] != nil || engine.settings.profiles[name] == nil else {
            throw VaultError(400, "'\(name)' is a profile of the configuration file; a service needs another name")
        }
        try Self.refuseWider(parameters)
        let known = engine.registry.services[name]
        let profile: IssuanceProfile
        do {
            profile = try engine.profile(try parameters.text("profile") ?? known?.profile ?? "default")
        } catch let error as AuthorityError {
            throw VaultError(error)
        } catch let error as VaultError {
            throw error
        } catch {
            throw VaultError(500, "internal error")
        }
        for limit in ["ttl", "max_ttl"] {
            guard let seconds = try parameters.seconds(limit), seconds < profile.lifetimeSeconds else { continue }
            let least = "\(profile.lifetimeSeconds) seconds or more"
            throw .parameter(limit, "\(least): lifetimes are the profile's, '\(profile.name)'")
        }
        var members: [JSONValue.Member] = [.init("profile", .string(profile.name))]
        if parameters.has("allowed_domains") {
            members.append(.init("dns_names", .strings(try parameters.list("allowed_domains"))))
        }
        let uris = try parameters.list("allowed_uri_sans")
        guard uris.count <= 1 else { throw .parameter("allowed_uri_sans", "one SPIFFE ID, as certificates carry one") }
        if let uri = uris.first { members.append(.init("spiffe_id", .string(uri))) }
        var service: ServiceRegistration
        do {
            let object = try JSONObject(.object(members), known: nil)
            service = try ServiceRegistration(reading: object, name: name, settings: engine.settings)
        } catch {
            throw VaultError(400, Self.vaultNames.reduce("\(error)") { Self.replacing($1.0, by: $1.1, in: $0) })
        }
        if let known {
            if !parameters.has("allowed_domains") { service.dnsNames = known.dnsNames }
            if uris.isEmpty { service.spiffeID = known.spiffeID }
            (service.namespace, service.addresses) = (known.namespace, known.addresses)
            (service.cloudFoundry, service.owner, service.labels) = (known.cloudFoundry, known.owner, known.labels)
        }
        return (service, profile)
    }

    /// Refuses what would allow names that are not written down one by one: there is nothing to keep such a promise with.
    private static func refuseWider(_ parameters: VaultParameters) throws(VaultError) {
        for name in wider where try parameters.flag(name) == true {
            throw .parameter(name, "false: names are registered one by one, in allowed_domains")
        }
        if try parameters.flag("enforce_hostnames") == false {
            throw .parameter("enforce_hostnames", "true: common names are registered names")
        }
        if try parameters.flag("no_store") == true {
            throw .parameter("no_store", "false: every certificate is recorded")
        }
        if let issuer = try parameters.text("issuer_ref"), issuer != "default" {
            throw .parameter("issuer_ref", "default, the one issuer there is")
        }
        for name in ["allowed_other_sans", "allowed_user_ids", "allowed_serial_numbers"] {
            try parameters.refuse(name, "certificates carry no such names")
        }
    }

    private static func replacing(_ word: String, by other: String, in text: String) -> String {
        text.hasPrefix(word) ? other + text.dropFirst(word.count) : text
    }

    private static let vaultNames = [("$.dns_names", "allowed_domains"), ("$.spiffe_id", "allowed_uri_sans")]
    private static let wider = [
        "allow_any_name", "allow_subdomains", "allow_glob_domains", "allow_wildcard_certificates", "allow_localhost",
        "allow_ip_sans", "allowed_domains_template", "allowed_uri_sans_template", "code_signing_flag",
        "email_protection_flag",
    ]
    private static let ofProfile = [
        "server_flag", "client_flag", "key_type", "key_bits", "key_usage", "ext_key_usage", "ext_key_usage_oids", "ou",
        "organization", "country", "locality", "province", "street_address", "postal_code", "not_before_duration",
        "not_after", "policy_identifiers", "signature_bits",
    ]
}
