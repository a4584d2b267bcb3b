package import CountersignIdentity
import CountersignPKI

/// Another trust domain, where its bundle is published, and how the publisher is recognised.
package struct FederatedDomain: Sendable, Hashable {
    /// How the endpoint is recognised (SPIFFE Federation section 5.2).
    package enum Profile: Sendable, Hashable {
        /// By a certificate for the URL's host that one of these authorities, in DER, vouches for.
        case web(authoritiesDER: [[UInt8]])
        /// By an X.509-SVID with this ID that the bundle in the file vouches for.
        case spiffe(SPIFFEID)
    }

    /// The trust domain.
    package var trustDomain: TrustDomain
    /// The bundle endpoint, `https://…`.
    package var url: String
    /// How it is recognised.
    package var profile: Profile
    /// The bundle's PEM file.
    package var bundlePath: String
    /// The seconds between two looks; nil for what the bundle says.
    package var refreshSeconds: Int64?

    package init(
        trustDomain: TrustDomain,
        url: String,
        profile: Profile,
        bundlePath: String,
        refreshSeconds: Int64? = nil
    ) {
        self.trustDomain = trustDomain
        self.url = url
        self.profile = profile
        self.bundlePath = bundlePath
        self.refreshSeconds = refreshSeconds
    }
}
