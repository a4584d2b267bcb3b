import CountersignIdentity

/// Who signs the certificates of services: the section `authority.signer`.
package struct SignerSection: Sendable {
    /// What is in charge.
    package var backend: Backend

    /// The outside CA's URL; nil only for ``Backend/local`` or when the file is refused.
    package var url: ServiceURL?

    /// The roots that the outside CA's certificates have to lead to.
    package var roots: [PEMReference] = []

    /// The authorities that vouch for the outside CA's server; ``roots`` when there are none.
    package var serverAuthorities: [PEMReference] = []

    /// The client certificate for the outside CA; nil for none.
    package var client: CertificateSection?

    /// How long one call may take.
    package var timeout = Duration.seconds(10)

    /// How often a call is made at most.
    package var attempts = 3

    /// How many calls are made at once.
    package var concurrency = 8

    /// What in charge of signing can be.
    package enum Backend: Sendable {
        /// The authority's own intermediate certificate.
        case local
        /// A CA with the API of CFSSL.
        case cfssl(CFSSLBackend)
        /// The PKI engine of a Vault.
        case vault(VaultBackend)
    }

    /// What a CFSSL has to be told.
    package struct CFSSLBackend: Sendable {
        /// The key that requests are authenticated with; nil for none.
        package var key: SecretReference?
        /// The profile; empty for the default one.
        package var profile = ""
        /// The signer's label; empty for the default one.
        package var label = ""
        /// How names are sent.
        package var names = Names.hosts

        /// How names are sent.
        package enum Names: String, CaseIterable, Sendable {
            case hosts
            case `extension`
        }
    }

    /// What a Vault has to be told.
    package struct VaultBackend: Sendable {
        /// Where the PKI engine is mounted.
        package var mount = "pki"
        /// The role to sign with.
        package var role: String
        /// The token.
        package var token: SecretReference
    }

    /// The authority signs by itself.
    package static let local = SignerSection(backend: .local)

    init(backend: Backend) {
        self.backend = backend
    }
}

extension SignerSection {
    private enum Kind: String, CaseIterable {
        case local
        case cfssl
        case vault
    }

    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `backend` (`local`, `cfssl` or `vault`, default `local`; the other keys are for the last two)
    /// - `url` (URL, required; `http:` is taken for loopback only), `ca_certs` (PEM, one or a list, required)
    /// - `server_ca_certs` (PEM, one or a list, default `ca_certs`), `cert_path` and `key_path` (PEM, optional)
    /// - `timeout` (100ms...5m, default 10s), `attempts` (1...10, default 3), `concurrency` (1...64, default 8)
    /// - `cfssl`: `auth_key` or `auth_key_file` (hexadecimal, optional), `profile`, `label` (texts, optional), `names`
    ///   (`hosts` or `extension`, default `hosts`)
    /// - `vault`: `mount` (text, default `pki`), `role` (text, required), `token` or `token_file` (required)
    static func read(_ value: ValueReader) -> SignerSection? {
        value.mapping("\"backend\" and what it needs") { reader in
            let named = reader.value("backend")
            guard let kind: Kind = named == nil ? .local : named?.choice() else {
                // Of one of the backends all of them may be right.
                for key in keys { _ = reader.has(key) }
                return nil
            }
            guard kind != .local else { return .local }
            let backend = kind == .cfssl ? readCFSSL(reader) : readVault(reader)
            var section = SignerSection(backend: backend ?? .local)
            section.readServer(reader)
            section.timeout = reader.duration(
                "timeout",
                default: section.timeout,
                in: .milliseconds(100) ... .seconds(300)
            )
            section.attempts = reader.integer("attempts", default: section.attempts, in: 1...10)
            section.concurrency = reader.integer("concurrency", default: section.concurrency, in: 1...64)
            return backend == nil ? nil : section
        }
    }

    /// Every key beside `backend`.
    private static let keys = [
        "url", "ca_certs", "server_ca_certs", "cert_path", "key_path", "timeout", "attempts", "concurrency", "auth_key",
        "auth_key_file", "profile", "label", "names", "mount", "role", "token", "token_file",
    ]

    private mutating func readServer(_ reader: MappingReader) {
        let value = reader.required("url", "where the outside CA is, as https://ca.internal:8888")
        url = value?.parsed("a URL", ServiceURL.init(parsing:))
        if let url, url.scheme == .http, (try? IPAddress(parsing: url.host))?.isLoopback != true,
            url.host != "localhost"
        {
            value?.fail("certificates and credentials would pass unencrypted; use https:// for another host")
        }
        roots = Self.certificates(reader.required("ca_certs", "the roots that certificates have to lead to"))
        serverAuthorities = Self.certificates(reader.value("server_ca_certs"))
        let chain = reader.value("cert_path")?.pem(.certificates)
        let key = reader.value("key_path")?.pem(.privateKey)
        if let chain, let key {
            client = CertificateSection(chain: chain, privateKey: key)
        } else if reader.has("cert_path") != reader.has("key_path") {
            reader.reportMissing(reader.has("cert_path") ? "key_path" : "cert_path", "both or neither")
        }
    }

    private static func certificates(_ value: ValueReader?) -> [PEMReference] {
        value?.pems(.certificates) ?? []
    }

    private static func readCFSSL(_ reader: MappingReader) -> Backend? {
        var backend = CFSSLBackend()
        backend.key = reader.secret("auth_key")
        if let key = backend.key, case .value(let text) = key.source, !CFSSLSection.isKey(text.reveal()) {
            let message = "expected an even number of hexadecimal digits, at least 32"
            reader.context.diagnostics.error(message, at: key.place)
        }
        backend.profile = reader.value("profile")?.text() ?? ""
        backend.label = reader.value("label")?.text() ?? ""
        backend.names = reader.choice("names", default: .hosts)
        return .cfssl(backend)
    }

    private static func readVault(_ reader: MappingReader) -> Backend? {
        let role = reader.required("role", "the role to sign with")?.text("a role")
        let token = reader.secret("token")
        if token == nil, !reader.has("token"), !reader.has("token_file") {
            reader.reportMissing("token", "or token_file with a path")
        }
        let mount = reader.value("mount")?.text("the path of the PKI engine")
        guard let role, let token else { return nil }
        return .vault(VaultBackend(mount: mount ?? "pki", role: role, token: token))
    }
}
