import CountersignConfiguration
import CountersignIdentity
import CountersignPKI
import CountersignRouter

extension RouterSettings {
    /// Reads what following the authority of a section needs.
    static func revocationFeed(
        _ section: RevocationSection,
        _ pems: PEMMaterial,
        _ now: Int64
    ) throws(MaterialFault) -> RevocationFeed {
        var authorities: [[UInt8]] = []
        for reference in section.authorities {
            authorities += try parse(reference, pems) { text throws(PKIError) in
                try TrustStore(pem: text, atUnixSeconds: now).authoritiesDER
            }
        }
        let trust: TrustStore
        do throws(PKIError) {
            trust = try TrustStore(derCertificates: authorities)
        } catch {
            throw problem(section.place, "ca_certs: \(error.message)")
        }
        return RevocationFeed(
            authority: section.authority.description,
            trust: trust,
            expected: try expected(section),
            identity: try identity(section.certificate, pems, now),
            rule: RevocationFreshness.Rule(
                maximumAge: section.maximumStaleness,
                refuses: section.onStale == .refuse
            )
        )
    }

    private static func expected(_ section: RevocationSection) throws(MaterialFault) -> PeerNameRequirement {
        if let id = section.spiffeID { return .spiffe(id) }
        if let address = try? IPAddress(parsing: section.authority.host) { return .address(address) }
        do throws(IdentityError) {
            return .dns(try HostName(parsing: section.authority.host))
        } catch {
            throw problem(section.place, "authority: \(error)")
        }
    }
}
