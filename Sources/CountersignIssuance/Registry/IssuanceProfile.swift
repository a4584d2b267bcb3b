package import CountersignPKI

/// How certificates of one kind are made and when they are renewed: an entry of `authority.profiles`.
package struct IssuanceProfile: Sendable, Hashable {
    /// The name that services and requests use.
    package var name: String
    /// How long certificates are valid, in seconds.
    package var lifetimeSeconds: Int64
    /// How far before now validity begins, in seconds.
    package var backdateSeconds: Int64
    /// When certificates are renewed.
    package var renewal: RenewalRule
    /// What keys are for.
    package var usage: CertificateProfile.Usage
    /// The kind of key that the authority generates when the requester sends none.
    package var keyKind: PrivateKey.Kind
    /// The countries (C) of the subject.
    package var countries: [String]
    /// The organizations (O) of the subject.
    package var organizations: [String]
    /// The organizational units (OU) of the subject.
    package var organizationalUnits: [String]

    package init(
        name: String,
        lifetimeSeconds: Int64 = 3600,
        backdateSeconds: Int64 = 30,
        renewal: RenewalRule = .fraction(0.5),
        usage: CertificateProfile.Usage = .both,
        keyKind: PrivateKey.Kind = .p256,
        countries: [String] = [],
        organizations: [String] = [],
        organizationalUnits: [String] = []
    ) {
        self.name = name
        self.lifetimeSeconds = lifetimeSeconds
        self.backdateSeconds = backdateSeconds
        self.renewal = renewal
        self.usage = usage
        self.keyKind = keyKind
        self.countries = countries
        self.organizations = organizations
        self.organizationalUnits = organizationalUnits
    }
}
