import CountersignAuthority
package import CountersignConfiguration
import CountersignPKI

/// Checks what the files of the section `authority` hold: for a start, and for `countersign config check` alike.
package enum AuthorityMaterial {
    /// What is wrong with the certificates and the keys that sign; nothing when the file has no such section.
    ///
    /// - Parameters:
    ///   - configuration: what the file says.
    ///   - pems: the texts that it names.
    ///   - now: the current time in Unix seconds, at which the certificates must be valid.
    package static func problems(
        _ configuration: Configuration,
        _ pems: PEMMaterial,
        now: Int64
    ) -> [ConfigurationProblem] {
        guard let section = configuration.authority else { return [] }
        var problems: [ConfigurationProblem] = []
        _ = issuer(section, pems, now: now, &problems)
        _ = offlineLists(section, pems, now: now, &problems)
        if case .postgres = section.store {
            problems.append(ConfigurationProblem(place: section.place, message: noPostgreSQL))
        }
        return problems
    }

    /// What a file is told that asks for the store that this version does not have.
    static let noPostgreSQL = "authority.store.postgres: this version has no PostgreSQL store; use sqlite"

    /// The issuer of a section; nil after adding what is wrong to `problems`, or when a text of it could not be read.
    static func issuer(
        _ section: AuthoritySection,
        _ pems: PEMMaterial,
        now: Int64,
        _ problems: inout [ConfigurationProblem]
    ) -> AuthorityIssuer? {
        let roots = section.trustBundle.flatMap { pems[$0] }.map { Array($0.utf8) }
        guard let pair = section.intermediate, let current = authority(pair, pems, roots, now, &problems) else {
            return nil
        }
        if roots == nil, let warning = rootless(current, pair) { problems.append(warning) }
        return AuthorityIssuer(authority: current, retired: retired(section, current, pems, now, &problems))
    }

    /// The lists of `crl.offline` in DER.
    ///
    /// One that is stale is told and handed out all the same: it makes verifiers refuse, as they do without it.
    static func offlineLists(
        _ section: AuthoritySection,
        _ pems: PEMMaterial,
        now: Int64,
        _ problems: inout [ConfigurationProblem]
    ) -> [[UInt8]] {
        section.offlineRevocationLists.flatMap { reference -> [[UInt8]] in
            guard let text = pems[reference] else { return [] }
            do throws(PKIError) {
                let lists = try RevocationList.lists(pem: Array(text.utf8))
                for list in lists {
                    do throws(PKIError) {
                        try list.check(against: nil, atUnixSeconds: now)
                    } catch {
                        var problem = reference.problem(error.description)
                        if error.code == .staleRevocationList { problem.severity = .warning }
                        problems.append(problem)
                    }
                }
                return lists.map(\.der)
            } catch {
                problems.append(reference.problem(error.description))
                return []
            }
        }
    }

    /// What to say of a chain without a root where there is no trust bundle either: what is handed out as one then is an
    /// intermediate, which many programs do not accept as an anchor, and whose rotation ends all trust.
    private static func rootless(_ issuer: IssuingAuthority, _ pair: CertificateSection) -> ConfigurationProblem? {
        let roots = (try? CertificateChain(pem: Array(issuer.trustBundlePEM.utf8)))?.certificates ?? []
        guard let top = roots.first(where: { $0.subjectDER != $0.issuerDER }) else { return nil }
        var problem = pair.chain.problem(
            "\(top.label) is the topmost one and no root, and would be handed out as the trust bundle; name the root in "
                + "authority.trust_bundle"
        )
        problem.severity = .warning
        return problem
    }

    private static func authority(
        _ pair: CertificateSection,
        _ pems: PEMMaterial,
        _ roots: [UInt8]?,
        _ now: Int64,
        _ problems: inout [ConfigurationProblem]
    ) -> IssuingAuthority? {
        guard let chain = pems[pair.chain], let key = pems[pair.privateKey] else { return nil }
        do throws(PKIError) {
            return try IssuingAuthority.online(
                certificatePEM: Array(chain.utf8),
                keyPEM: Array(key.utf8),
                rootsPEM: roots,
                now: now
            )
        } catch {
            let ofKey: [PKIError.Code] = [.rootKeyLoaded, .encryptedKey, .malformedKey, .unsupportedKey, .keyMismatch]
            problems.append((ofKey.contains(error.code) ? pair.privateKey : pair.chain).problem(error.description))
            return nil
        }
    }

    /// Those that are not over yet.
    ///
    /// Their root may be one that nobody trusts any more: they only say what is revoked.
    private static func retired(
        _ section: AuthoritySection,
        _ current: IssuingAuthority,
        _ pems: PEMMaterial,
        _ now: Int64,
        _ problems: inout [ConfigurationProblem]
    ) -> [IssuingAuthority] {
        var found: [IssuingAuthority] = []
        for pair in section.retiredIntermediates {
            if let certificate = end(of: pair, pems, before: now) {
                let message = "\(certificate) expired, so nobody asks about what it signed; take it out of the file"
                var problem = pair.chain.problem(message)
                problem.severity = .warning
                problems.append(problem)
                continue
            }
            guard let one = authority(pair, pems, nil, now, &problems) else { continue }
            let isRepeated = ([current] + found).contains {
                $0.subjectKeyIdentifierHex == one.subjectKeyIdentifierHex
            }
            if isRepeated {
                problems.append(pair.chain.problem("this intermediate is already there, and one key signs one list"))
            } else {
                found.append(one)
            }
        }
        return found
    }

    /// The name of a pair's certificate when it has expired.
    private static func end(of pair: CertificateSection, _ pems: PEMMaterial, before now: Int64) -> String? {
        guard let text = pems[pair.chain], let chain = try? CertificateChain(pem: Array(text.utf8)),
            let certificate = chain.certificates.first, certificate.notAfter < now
        else { return nil }
        return certificate.label
    }
}
