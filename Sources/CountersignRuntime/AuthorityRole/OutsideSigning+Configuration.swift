import CountersignAuthority
import CountersignConfiguration
import CountersignHTTPClient
import CountersignIdentity
import CountersignPKI
import CountersignTLS
import CountersignTelemetry
import Logging
import Synchronization

extension AuthorityIssuer {
    /// This issuer with the outside CA of the configuration, whose roots are trusted beside its own.
    ///
    /// - Throws: ``ConfigurationRefusal`` when the section cannot be used.
    func with(
        _ section: SignerSection,
        of authority: AuthoritySection,
        _ pems: PEMMaterial,
        _ secrets: SecretMaterial,
        now: Int64
    ) throws -> AuthorityIssuer {
        guard let url = section.url else { return self }
        do {
            let roots = section.roots.compactMap { pems[$0] }.joined(separator: "\n")
            let trust = try TrustStore(
                pem: roots,
                trustDomains: .only([authority.trustDomain]),
                atUnixSeconds: now
            )
            let call = try Self.call(url, section, pems, trust)
            guard let signer = try Self.signer(section, call, secrets) else { return self }
            let outside = OutsideSigning(signer: signer, trust: trust, concurrency: section.concurrency)
            return AuthorityIssuer(
                authority: self.authority,
                trustBundlePEM: try Self.united([trustBundlePEM, roots]),
                outside: outside,
                retired: retired
            )
        } catch let refusal as ConfigurationRefusal {
            throw refusal
        } catch {
            let place = section.roots.first?.place ?? authority.place
            throw ConfigurationRefusal(problems: [ConfigurationProblem(place: place, message: "signer: \(error)")])
        }
    }

    private static func call(
        _ url: ServiceURL,
        _ section: SignerSection,
        _ pems: PEMMaterial,
        _ roots: TrustStore
    ) throws -> SignerCall {
        let endpoint = try HTTPEndpoint(url: url.description)
        var tls: ClientTLS?
        if endpoint.isSecure {
            let own = section.serverAuthorities.compactMap { pems[$0] }.joined(separator: "\n")
            let trust = own.isEmpty ? roots : try TrustStore(pem: own)
            tls = try ClientTLS(
                verifier: ChainVerifier(trust: trust, purpose: .server),
                expecting: try endpoint.peerName(),
                identity: try identity(section.client, pems)
            )
        }
        return SignerCall(HTTPClient(endpoint, tls: tls), attempts: section.attempts, time: section.timeout)
    }

    private static func identity(_ client: CertificateSection?, _ pems: PEMMaterial) throws -> TLSIdentity? {
        guard let client, let chain = pems[client.chain], let key = pems[client.privateKey] else { return nil }
        let certificates = try CertificateChain(pem: Array(chain.utf8)).certificates
        let privateKey = try PrivateKey(pem: key)
        guard let leaf = certificates.first, privateKey.matches(leaf) else {
            throw PKIError(.keyMismatch, "the client key does not belong to the client certificate")
        }
        return TLSIdentity(certificateChain: certificates.map(\.der), privateKey: privateKey.derPKCS8)
    }

    private static func signer(
        _ section: SignerSection,
        _ call: SignerCall,
        _ secrets: SecretMaterial
    ) throws -> (any CertificateSigner)? {
        switch section.backend {
        case .local: return nil
        case .cfssl(let backend):
            var options = CFSSLSigner.Options()
            options.profile = backend.profile
            options.label = backend.label
            options.names = backend.names == .hosts ? .hosts : .extension
            if let reference = backend.key, let secret = secrets[reference] {
                guard let key = CFSSLKey(name: "signer", hexadecimal: secret.reveal()) else {
                    let message = "expected an even number of hexadecimal digits, at least 32"
                    throw ConfigurationRefusal(problems: [
                        ConfigurationProblem(place: reference.place, message: message)
                    ])
                }
                options.key = key
            }
            return CFSSLSigner(call, options)
        case .vault(let backend):
            let token = token(backend.token, secrets)
            var options = VaultSigner.Options(role: backend.role, token: token)
            options.mount = backend.mount
            return VaultSigner(call, options)
        }
    }

    /// A token of a file is read for each call, as those who renew it write a new one.
    private static func token(
        _ reference: SecretReference,
        _ secrets: SecretMaterial
    ) -> @Sendable () throws(SignerFailure) -> String {
        let first = secrets[reference]
        guard case .file(let path) = reference.source else {
            return { () throws(SignerFailure) in first?.reveal() ?? "" }
        }
        return { () throws(SignerFailure) in
            do {
                let bytes = try SystemFileReader().read(path, maximumBytes: 4096).bytes
                let text = String(decoding: bytes, as: UTF8.self)
                return String(text.prefix { !$0.isNewline })
            } catch {
                throw SignerFailure(.unauthorized, "the token file \(path) cannot be read: \(error)")
            }
        }
    }

    /// The certificates of several texts in PEM, each once.
    private static func united(_ texts: [String]) throws(PKIError) -> String {
        var seen = Set<[UInt8]>()
        var united = ""
        for text in texts {
            for block in try PEMDocuments(parsing: text).blocks where seen.insert(block.der).inserted {
                united += block.text
            }
        }
        return united
    }
}

extension OutsideSigning {
    /// Shows in health and log whether the outside CA does its work; the authority stays ready without it, for all that
    /// is not issuing.
    func report(to health: HealthState, _ logger: Logger) {
        let name = signer.name
        let last = Mutex<SignerFailure.Code?>(nil)
        observe { failure in
            health.set("signer", failure.map { .degraded(reason: $0.message) } ?? .ok)
            let known = last.withLock { last in
                defer { last = failure?.code }
                return last
            }
            guard known != failure?.code else { return }
            let metadata: Logger.Metadata = ["signer": "\(name)", "reason": "\(failure?.message ?? "")"]
            if failure == nil {
                logger.notice("the outside CA works again", metadata: metadata)
            } else {
                logger.error("the outside CA does not do its work", metadata: metadata)
            }
        }
    }
}
