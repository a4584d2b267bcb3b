import CountersignConfiguration
import CountersignIdentity
package import CountersignPKI
package import CountersignTLS

/// All that following a control plane needs, with every file read.
package struct ControlFeedPlan: Sendable {
    /// The URL of the authority's native API.
    package var authority: String
    /// What its certificate is checked against.
    package var trust: TrustStore
    /// Who it must be.
    package var expected: PeerNameRequirement
    /// What the router shows to it.
    package var identity: TLSIdentity
    /// The file that keeps what was told last.
    package var copy: String
}

extension ControlFeedPlan {
    /// Reads what the section needs.
    static func read(
        _ section: ControlFeedSection,
        _ pems: PEMMaterial,
        _ now: Int64
    ) throws(RouterSettings.MaterialFault) -> ControlFeedPlan {
        var authorities: [[UInt8]] = []
        for reference in section.authorities {
            authorities += try RouterSettings.parse(reference, pems) { text throws(PKIError) in
                try TrustStore(pem: text, atUnixSeconds: now).authoritiesDER
            }
        }
        let trust: TrustStore
        do throws(PKIError) {
            trust = try TrustStore(derCertificates: authorities)
        } catch {
            throw RouterSettings.problem(section.place, "ca_certs: \(error.message)")
        }
        return ControlFeedPlan(
            authority: section.authority.description,
            trust: trust,
            expected: try expected(section),
            identity: try RouterSettings.identity(section.certificate, pems, now),
            copy: section.copy
        )
    }

    /// Whether another connection has to be made for it.
    func isSameSource(as other: ControlFeedPlan) -> Bool {
        authority == other.authority && trust.authoritiesDER == other.trust.authoritiesDER
            && expected == other.expected && identity.certificateChain == other.identity.certificateChain
            && identity.privateKey == other.identity.privateKey && copy == other.copy
    }

    private static func expected(
        _ section: ControlFeedSection
    ) throws(RouterSettings.MaterialFault) -> PeerNameRequirement {
        if let id = section.spiffeID { return .spiffe(id) }
        if let address = try? IPAddress(parsing: section.authority.host) { return .address(address) }
        do throws(IdentityError) {
            return .dns(try HostName(parsing: section.authority.host))
        } catch {
            throw RouterSettings.problem(section.place, "authority: \(error)")
        }
    }
}
