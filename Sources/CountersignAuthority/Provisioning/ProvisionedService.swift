import CountersignIssuance
import CountersignPKI

/// A service whose certificate this process keeps: how far it is.
struct ProvisionedService {
    /// When a certificate is asked for.
    var machine: RenewalStateMachine
    /// What is in place.
    var kept: KeptCertificate?
    /// Whether the machine is yet to be told of ``kept``.
    var isUntold = false
    /// The registration that ``kept`` was issued by; nil when it says something else, or was never recorded here.
    var registration: ServiceRegistration?
    /// A certificate that is issued and could not be put in place yet.
    var unwritten: (certificate: IssuedCertificate, kept: KeptCertificate)?
    /// Why ``kept`` was revoked or suspended; nil while it was not.
    var revocation: RevocationReason?
    /// Whether the key of ``kept`` must not be certified again.
    var needsNewKey = false
    /// When the machine wants to be asked again, in Unix milliseconds.
    var wakeAt = Int64.min
    /// Why there is no newer certificate; nil when all is well.
    var problem: String?

    /// Whether ``kept`` is suspended.
    var isOnHold: Bool { revocation == .certificateHold }

    /// Whether ``kept`` is revoked for good.
    var isRevoked: Bool { revocation != nil && !isOnHold }
}
