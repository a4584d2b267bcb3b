package import CountersignIdentity
package import CountersignIssuance
package import CountersignPKI

/// What somebody wants certified.
package struct IssuanceOrder: Sendable {
    /// For whom.
    package var holder: Holder
    /// The key to certify.
    package var key: Key
    /// The DNS names to put in, each of which the registration must allow; nil for all that it allows.
    package var dnsNames: [String]?
    /// The IP addresses to put in, each of which the registration must allow; nil for all that it allows.
    package var addresses: [IPAddress]?
    /// The common name to put in: the service's name or one of its DNS names; nil for the service's name.
    package var commonName: String?
    /// The issuance profile; nil for the registration's.
    package var profile: String?
    /// A shorter lifetime than the profile's, in seconds; nil for the profile's.
    package var lifetimeSeconds: Int64?
    /// The door through which the order came.
    package var channel: IssuanceChannel

    /// For whom a certificate is.
    package enum Holder: Sendable, Hashable {
        /// A registered service, by name.
        case service(String)
        /// An agent that has joined, or is joining with this registration.
        case agent(AgentRegistration)
        /// The authority's own listeners.
        case authority
    }

    /// The key that a certificate is for.
    package enum Key: Sendable {
        /// A new key of this kind, or of the profile's; the answer holds it.
        case generated(PrivateKey.Kind?)
        /// The key of a request, which proves its possession.
        case request(SigningRequest)
        /// The key of a request that a door has checked against the holder's registration.
        case vetted(VettedRequest)
    }

    package init(holder: Holder, key: Key, channel: IssuanceChannel) {
        self.holder = holder
        self.key = key
        self.channel = channel
    }
}

/// A certificate that is recorded and may be handed out.
package struct Issuance: Sendable {
    /// The certificate and those above it.
    package var certificate: IssuedCertificate
    /// Its key when the authority made it: a secret.
    package var key: PrivateKey?
    /// When the holder should renew it.
    package var renewal: RenewalRule
    /// The inventory's record.
    package var record: CertificateRecord
    /// Which rotation of the service it fulfils: when the newest was asked for, in Unix seconds; nil when none was.
    package var rotation: Int64?
}
