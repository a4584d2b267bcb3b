import CountersignConfiguration
import CountersignIdentity
import CountersignPKI

/// What the section `mtls` asks for, with the authority that its files hold; two that are equal make the same identity.
package struct IdentityPlan: Sendable, Equatable {
    private let trustDomain: TrustDomain
    private let service: String
    private let namespace: String
    private let lifetime: Duration
    private let trustBundlePath: String?
    /// The authority's certificates; `nil` for an ephemeral one, which is another one at each load.
    private let authority: [[UInt8]]?

    /// The plan of a section; `nil` when no identity is to be issued.
    init?(_ section: MutualTLSSection, authority: IssuingAuthority?) {
        guard section.isEnabled, section.certificate == nil, section.workloadAPI == nil,
            let trustDomain = section.trustDomain
        else { return nil }
        self.trustDomain = trustDomain
        self.service = section.serviceName
        self.namespace = section.namespace
        self.lifetime = section.certificateLifetime
        self.trustBundlePath = section.trustBundlePath
        self.authority = section.authorityCertificate == nil ? nil : authority?.loadedDER
    }
}
