/// Reads the files that a configuration names, and reports each that is missing or unfit at its place.
struct ConfigurationResolver {
    private let fileReader: any ConfigurationFileReader
    private let diagnostics: ConfigurationDiagnostics

    /// Who may read the configuration file itself.
    private let configurationFile: FileContents

    /// The PEM texts that were read.
    private(set) var pems = PEMMaterial()

    /// The secrets that were read.
    private(set) var secrets = SecretMaterial()

    init(
        fileReader: any ConfigurationFileReader,
        configurationFile: FileContents,
        diagnostics: ConfigurationDiagnostics
    ) {
        self.fileReader = fileReader
        self.configurationFile = configurationFile
        self.diagnostics = diagnostics
    }

    /// Reads what the sections that `role` uses refer to, or all sections without a role.
    mutating func resolve(_ configuration: Configuration, for role: ConfigurationRole?) {
        var references = References()
        references.add(configuration.mtls)
        if role == nil || role == .router {
            references.add(configuration.router)
            references.add(configuration.nats)
            references.pems += configuration.subgraphs.flatMap(\.mtls.authorities)
        }
        if role == nil || role == .router || role == .agent {
            references.pems += configuration.federation.flatMap(\.webAuthorities)
        }
        if role == nil || role == .authority {
            references.add(configuration.authority)
        }
        if role == nil || role == .agent {
            references.add(configuration.agent)
        }
        if role == nil || role == .authz {
            references.add(configuration.authz)
            references.add(configuration.audit)
        }
        if role == nil || role == .egress {
            references.pems += configuration.egress.map { $0.authorities + $0.revocationLists } ?? []
        }
        let loader = PEMLoader(fileReader: fileReader, configurationFile: configurationFile)
        for reference in references.pems where !isRightlyMissing(reference) {
            do {
                pems.store(try loader.text(of: reference), for: reference)
            } catch {
                diagnostics.error(error.message, at: reference.place)
            }
        }
        for reference in references.secrets {
            if let secret = secret(of: reference) {
                secrets.store(secret, for: reference)
            }
        }
    }

    private func isRightlyMissing(_ reference: PEMReference) -> Bool {
        guard reference.mayBeMissing, case .path(let path) = reference.source else { return false }
        do {
            _ = try fileReader.read(path, maximumBytes: 1)
            return false
        } catch {
            return error == .missing
        }
    }

    private func secret(of reference: SecretReference) -> Secret? {
        switch reference.source {
        case .value(let secret):
            return secret
        case .file(let path):
            do {
                let contents = try fileReader.read(path, maximumBytes: Self.maximumSecretBytes)
                if contents.isOpenToOthers {
                    diagnostics.warning(
                        "the secret in \(path) is open to others than its owner (mode \(contents.permissionsText))",
                        at: reference.place
                    )
                }
                return trimmed(contents.bytes, path, reference.place)
            } catch {
                // What is given as the path may be the secret itself.
                diagnostics.error("the file given here \(error)", at: reference.place)
                return nil
            }
        }
    }

    private func trimmed(_ bytes: [UInt8], _ path: String, _ place: ConfigurationPlace) -> Secret? {
        var bytes = bytes[...]
        if bytes.last == UInt8(ascii: "\n") {
            bytes = bytes.dropLast()
            if bytes.last == UInt8(ascii: "\r") {
                bytes = bytes.dropLast()
            }
        }
        guard !bytes.isEmpty else {
            diagnostics.error("the file \(path) is empty", at: place)
            return nil
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            diagnostics.error("the file \(path) is not UTF-8 text", at: place)
            return nil
        }
        return Secret(text)
    }

    private static let maximumSecretBytes = 64 * 1024
}

extension ConfigurationResolver {
    /// What the sections refer to.
    private struct References {
        var pems: [PEMReference] = []
        var secrets: [SecretReference] = []

        mutating func add(_ section: MutualTLSSection) {
            pems += [section.authorityCertificate, section.authorityKey].compactMap(\.self)
            pems += section.upstreamAuthorities
            add([section.certificate].compactMap(\.self))
        }

        mutating func add(_ section: RouterSection?) {
            guard let section else { return }
            add(section.tls.certificates)
            for domain in section.domains + section.namelessDomains {
                pems += domain.clientAuthorities + domain.trustDomains.flatMap(\.authorities) + domain.revocationLists
                if let binding = domain.tokenBinding { pems += [binding.keys] + (binding.source?.authorities ?? []) }
            }
            if let revocation = section.revocation {
                pems += revocation.authorities
                add([revocation.certificate])
            }
            if let control = section.control {
                pems += control.authorities
                add([control.certificate])
            }
            secrets += [section.status?.password].compactMap(\.self)
        }

        mutating func add(_ section: NATSSection?) {
            guard let section else { return }
            pems += section.authorities
            add([section.certificate].compactMap(\.self))
            secrets += [section.password, section.token].compactMap(\.self)
        }

        mutating func add(_ section: AuthoritySection?) {
            guard let section else { return }
            add([section.intermediate].compactMap(\.self) + section.retiredIntermediates)
            pems += [section.trustBundle].compactMap(\.self) + section.offlineRevocationLists
            add(section.signer)
            secrets += section.cfssl.map { Array($0.authenticationKeys.values) } ?? []
            if case .postgres(let url) = section.store {
                secrets.append(url)
            }
        }

        mutating func add(_ section: SignerSection) {
            pems += section.roots + section.serverAuthorities
            add([section.client].compactMap(\.self))
            switch section.backend {
            case .local: break
            case .cfssl(let backend): secrets += [backend.key].compactMap(\.self)
            case .vault(let backend): secrets.append(backend.token)
            }
        }

        mutating func add(_ section: AgentSection?) {
            pems += section?.authorities ?? []
        }

        mutating func add(_ section: AuthorizationServiceSection?) {
            guard let section else { return }
            pems += section.clientAuthorities + section.trustDomains.flatMap(\.authorities) + section.revocationLists
            pems += section.tokens?.source?.authorities ?? []
            pems += [section.proxyAuthorities].compactMap(\.self)
            add([section.certificate].compactMap(\.self))
        }

        mutating func add(_ section: AuditSection?) {
            guard let kafka = section?.kafka else { return }
            pems += kafka.authorities
            add([kafka.certificate].compactMap(\.self))
            secrets += [kafka.user?.password].compactMap(\.self)
        }

        private mutating func add(_ certificates: [CertificateSection]) {
            pems += certificates.flatMap { [$0.chain, $0.privateKey] }
        }
    }
}
