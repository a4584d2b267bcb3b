import CountersignFiles
import CountersignPKI
import CountersignTransport
import Glibc

/// A service's certificate in an agent's certificate directory that was found good, and where its files are.
struct InfrastructureIdentity {
    let service: String
    /// The certificate directory.
    let folder: String
    /// The certificate and those above it, leaf first.
    let certificate: String
    let key: String
    /// Certificate and key in one file.
    let combined: String
    /// The trust bundle.
    let authorities: String
    /// The revocation lists; nil when there are none that cover the whole chain, which is what programs ask for.
    let revocationLists: String?
    let leaf: ParsedCertificate

    /// What is asked of an identity.
    struct Needs {
        /// What it is to be used in.
        var format: InfrastructureFormat
        /// Whether a certificate counts of which nobody knows whether it is revoked, and lists may be left out.
        var takesUnknownRevocation: Bool
    }

    /// Finds out whether what a service has can be used now.
    ///
    /// - Parameters:
    ///   - service: the service's name.
    ///   - folder: the certificate directory, absolute.
    ///   - needs: what is asked of it.
    ///   - now: the current time in Unix seconds.
    /// - Throws: ``InfrastructureFault``.
    init(_ service: String, in folder: String, _ needs: Needs, at now: Int64) throws(InfrastructureFault) {
        self.service = service
        self.folder = folder
        certificate = "\(folder)/\(service)/cert.pem"
        key = "\(folder)/\(service)/key.pem"
        combined = "\(folder)/\(service)/identity.pem"
        authorities = "\(folder)/ca.pem"
        let lists = "\(folder)/crl.pem"
        let chain = try Self.chain(needs.format.readsOneFile ? combined : certificate)
        leaf = chain[0]
        let known = try Self.lists(lists)
        let peer = try Self.verify(chain, by: try Self.trust(authorities), known, lists, needs, now)
        try Self.checkCommonName(of: leaf)
        try InfrastructureKey.check(needs.format.readsOneFile ? combined : key, of: leaf, needs.format.keyRule)
        let issuers = Set([leaf.issuerDER] + peer.issuersDER.compactMap { try? ParsedCertificate(der: $0).issuerDER })
        let isCovered = issuers.isSubset(of: (known ?? []).map(\.issuerDER))
        guard isCovered || needs.takesUnknownRevocation || !needs.format.needsWholeLists else {
            throw InfrastructureFault(
                .uncovered,
                "\(lists) has no list of an authority above it, so that whoever is told of the file refuses everybody; give the "
                    + "authority that list in crl.offline (--dangerous-unknown-revocation leaves the lists out)"
            )
        }
        revocationLists = isCovered ? lists : nil
    }

    private static func verify(
        _ chain: [ParsedCertificate],
        by trust: TrustStore,
        _ known: [RevocationList]?,
        _ path: String,
        _ needs: Needs,
        _ now: Int64
    ) throws(InfrastructureFault) -> VerifiedPeer {
        if known == nil, !needs.takesUnknownRevocation {
            throw InfrastructureFault(
                .unknown,
                "there are no revocation lists in \(path), so nobody knows whether it is revoked; the agent writes them when "
                    + "its authority hands them out (--dangerous-unknown-revocation passes over it)"
            )
        }
        func verify(_ revocation: RevocationChecking) -> Result<VerifiedPeer, ChainRejection> {
            ChainVerifier(trust: trust, purpose: needs.format.purpose, revocation: revocation)
                .verify(UnverifiedPeerChain(derCertificates: chain.map(\.der)), atUnixSeconds: now)
        }
        var verdict = verify(known.map { .lists($0) } ?? .none)
        // What is known to be revoked is refused in any case.
        if case .failure(let rejection) = verdict, rejection.code == .revocationUnknown, needs.takesUnknownRevocation {
            verdict = verify(.none)
        }
        switch verdict {
        case .success(let peer): return peer
        case .failure(let rejection): throw InfrastructureFault(rejection, chain[0], now)
        }
    }

    private static func checkCommonName(of leaf: ParsedCertificate) throws(InfrastructureFault) {
        let name = leaf.subject.attributes.last { $0.type == .commonName }?.text ?? ""
        guard name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw InfrastructureFault(.unusable, "its common name has control characters")
        }
        guard name.unicodeScalars.first != "/" else {
            throw InfrastructureFault(
                .unusable,
                "its common name begins with a slash, which PostgreSQL takes for a pattern"
            )
        }
    }

    /// The common name, by which servers that know no SPIFFE IDs tell clients apart; the service's name without one.
    var commonName: String { leaf.subject.attributes.last { $0.type == .commonName }?.text ?? service }

    private static func chain(_ path: String) throws(InfrastructureFault) -> [ParsedCertificate] {
        let bytes = try read(path, "there is no certificate")
        do throws(PKIError) {
            return try CertificateChain(pem: bytes).certificates
        } catch {
            throw InfrastructureFault(.unusable, "\(path): \(error.message)")
        }
    }

    private static func trust(_ path: String) throws(InfrastructureFault) -> TrustStore {
        let bytes = try read(path, "there is no trust bundle")
        do throws(PKIError) {
            return try TrustStore(pem: bytes)
        } catch {
            throw InfrastructureFault(.unusable, "\(path): \(error.message)")
        }
    }

    private static func lists(_ path: String) throws(InfrastructureFault) -> [RevocationList]? {
        guard unsafe access(path, F_OK) == 0 else { return nil }
        let bytes = try read(path, "there are no revocation lists")
        do throws(PKIError) {
            return try RevocationList.lists(pem: bytes)
        } catch {
            throw InfrastructureFault(.unknown, "\(path): \(error.message)")
        }
    }

    private static func read(_ path: String, _ absence: String) throws(InfrastructureFault) -> [UInt8] {
        do throws(SystemError) {
            return try FileContent.read(path, maximumBytes: 2 * RevocationList.maximumSize).bytes
        } catch {
            if error.code == ENOENT { throw InfrastructureFault(.missing, "\(absence) \(path)") }
            throw InfrastructureFault(.unusable, "\(error)")
        }
    }
}
