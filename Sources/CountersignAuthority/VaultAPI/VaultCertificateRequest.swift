import CountersignIdentity
import CountersignIssuance
import CountersignPKI

/// What `issue` and `sign` are asked for.
struct VaultCertificateRequest: Sendable {
    /// The common name; nil when none is wanted.
    var commonName: String?
    /// The names beside it; empty for those of the certificate request, or all that are registered.
    var names: RequestedNames
    /// Whether the common name is not to be among the DNS names as well.
    var excludesCommonName: Bool
    /// The lifetime in seconds; nil for the profile's.
    var lifetimeSeconds: Int64?
    /// The form of certificates and keys.
    var format: VaultFormat
    /// Whether the chain is wanted without its root.
    var excludesRoot: Bool

    /// Reads the parameters.
    ///
    /// - Throws: ``VaultError`` with status 400 that names the parameter.
    init(_ parameters: VaultParameters) throws(VaultError) {
        commonName = try parameters.text("common_name")
        let addresses = try parameters.list("ip_sans")
        for address in addresses where IPAddress(Array(address.utf8).span) == nil {
            throw .parameter("ip_sans", "IP addresses, and '\(PrintableText.escaped(address))' is none")
        }
        names = RequestedNames(
            texts: try parameters.list("alt_names") + addresses + (try parameters.list("uri_sans"))
        )
        excludesCommonName = try parameters.flag("exclude_cn_from_sans") ?? false
        lifetimeSeconds = try parameters.seconds("ttl")
        format = try VaultFormat(parameters)
        excludesRoot = try parameters.flag("remove_roots_from_chain") ?? false
        try parameters.refuse("other_sans", "registrations hold DNS names, addresses and SPIFFE IDs")
        try parameters.refuse("user_ids", "subjects come from profile and registration")
        try parameters.refuse("not_after", "give ttl, counted from now")
    }

    /// The order for a service, with a lifetime that the profile allows.
    ///
    /// - Returns: the order, and a sentence where less is given than was asked for.
    func order(
        for service: ServiceRegistration,
        of profile: IssuanceProfile,
        names: RequestedNames,
        commonName: String?,
        key: IssuanceOrder.Key
    ) -> (order: IssuanceOrder, warnings: [String]) {
        var order = IssuanceOrder(holder: .service(service.name), key: key, channel: .vault)
        order.profile = profile.name
        order.commonName = commonName
        if !names.isEmpty {
            var dnsNames = names.dnsNames
            if let commonName, !excludesCommonName, service.mayBe(commonName), !dnsNames.contains(commonName) {
                dnsNames.append(commonName)
            }
            (order.dnsNames, order.addresses) = (dnsNames, names.addresses)
        }
        guard let wanted = lifetimeSeconds else { return (order, []) }
        order.lifetimeSeconds = min(wanted, profile.lifetimeSeconds)
        guard wanted > profile.lifetimeSeconds else { return (order, []) }
        let warning =
            "TTL \(GoDuration.text(seconds: wanted)) is longer than permitted maxTTL "
            + "\(GoDuration.text(seconds: profile.lifetimeSeconds)), so maxTTL is being used"
        return (order, [warning])
    }
}

/// The form in which certificates and keys are answered.
struct VaultFormat: Sendable, Hashable {
    /// How certificates are written.
    var certificates: Certificates
    /// Whether keys are in PKCS#8 rather than in the form of their algorithm.
    var usesPKCS8: Bool

    /// How certificates are written.
    enum Certificates: String, Sendable {
        case pem
        /// DER in Base64.
        case der
        /// Key, certificate and chain in one text.
        case bundle = "pem_bundle"
    }

    /// Reads `format` and `private_key_format`.
    ///
    /// - Throws: ``VaultError`` with status 400.
    init(_ parameters: VaultParameters) throws(VaultError) {
        guard let form = Certificates(rawValue: try parameters.text("format") ?? "pem") else {
            throw .parameter("format", "pem, der or pem_bundle")
        }
        certificates = form
        switch try parameters.text("private_key_format") {
        case nil, "der", "pem": usesPKCS8 = false
        case "pkcs8": usesPKCS8 = true
        default: throw .parameter("private_key_format", "der, pem or pkcs8")
        }
    }

    /// A certificate, in PEM without its last line break.
    func certificate(_ der: [UInt8]) -> String {
        switch certificates {
        case .pem, .bundle: CFSSLSurface.trimmed(PEMBlock.text(label: "CERTIFICATE", der: der))
        case .der: String(decoding: Base64.encode(der), as: UTF8.self)
        }
    }

    /// A key: a secret.
    func key(_ key: PrivateKey) -> String {
        let pem = usesPKCS8 ? key.pemPKCS8 : key.pemTraditional
        guard certificates == .der, let block = try? PEMDocuments(parsing: pem).blocks.first else {
            return CFSSLSurface.trimmed(pem)
        }
        return String(decoding: Base64.encode(block.der), as: UTF8.self)
    }
}
