import CountersignConfiguration
import CountersignIdentity
import CountersignPKI

/// Makes the trust store of callers: authorities of `trust_domains`, each bound to the trust domain that it is listed
/// under, and those beside it.
///
/// What several authorities beside it have issued may name nobody by a SPIFFE ID: each could speak for the others.
struct CallerTrustReader {
    let pems: PEMMaterial
    /// Unix seconds.
    let now: Int64
    /// Where problems are that no reference has a place for.
    let place: ConfigurationPlace
    /// The key of the authorities that no trust domain is said for.
    let key: String
    /// What is wrong, and what the operator should know.
    private(set) var problems: [ConfigurationProblem] = []

    init(pems: PEMMaterial, now: Int64, place: ConfigurationPlace, key: String) {
        self.pems = pems
        self.now = now
        self.place = place
        self.key = key
    }

    /// The store; nil without authorities, or when ``problems`` say why there is none.
    mutating func trust(_ unlisted: [PEMReference], _ listed: [TrustDomainSection]) -> TrustStore? {
        var bundles = bound(listed)
        let unbound = unlisted.flatMap { authorities($0) }
        let isPool = !unbound.isEmpty && !((try? TrustStore(derCertificates: unbound))?.isOfOneAuthority ?? true)
        let isAlone = listed.isEmpty && !isPool
        bundles.append(TrustBundle(authoritiesDER: unbound, trustDomains: isAlone ? .unrestricted : .only([])))
        if isPool, listed.isEmpty {
            let message =
                "\(key) has several authorities, and none is bound to a trust domain: callers with a SPIFFE ID are "
                + "refused; list each trust domain with its authorities under trust_domains"
            problems.append(ConfigurationProblem(severity: .warning, place: place, message: message))
        }
        // A text that could not be read was reported where it was read.
        guard bundles.contains(where: { !$0.authoritiesDER.isEmpty }) else { return nil }
        do throws(PKIError) {
            return try TrustStore(bundles: bundles)
        } catch {
            if !problems.contains(where: { $0.severity == .error }) { fail(place, "\(key): \(error.message)") }
            return nil
        }
    }

    private mutating func bound(_ listed: [TrustDomainSection]) -> [TrustBundle] {
        var owners: [[UInt8]: TrustDomain] = [:]
        var bundles: [TrustBundle] = []
        for section in listed {
            let found = section.authorities.flatMap { authorities($0) }
            guard let name = section.trustDomain else { continue }
            if let shared = found.first(where: { owners[$0] != nil && owners[$0] != name }), let owner = owners[shared]
            {
                let message =
                    "an authority of \(name.name) is one of \(owner.name) as well; an authority speaks for one trust domain"
                fail(section.place, message)
            }
            for authority in found { owners[authority] = name }
            bundles.append(TrustBundle(authoritiesDER: found, trustDomains: .only([name])))
        }
        return bundles
    }

    private mutating func authorities(_ reference: PEMReference) -> [[UInt8]] {
        do throws(RouterSettings.MaterialFault) {
            return try RouterSettings.parse(reference, pems) { text throws(PKIError) in
                try TrustStore(pem: text, atUnixSeconds: now).authoritiesDER
            }
        } catch {
            problems += error.problems
            return []
        }
    }

    private mutating func fail(_ place: ConfigurationPlace, _ message: String) {
        problems.append(ConfigurationProblem(place: place, message: message))
    }
}
