import CountersignIssuance
import CountersignPKI

/// A service whose certificate this process keeps: how far it is.
struct ProvisionedService {
    /// When a certificate is asked for.
    var machine: RenewalStateMachine
    /// What is in place.
    var kept: KeptCertificate?
    /// The registration that ``kept`` was issued by; nil when it says something else, or was never recorded here.
    var registration: ServiceRegistration?
    /// A certificate that is issued and could not be put in place yet.
    var unwritten: (certificate: IssuedCertificate, kept: KeptCertificate)?
    /// When the machine wants to be asked again, in Unix milliseconds.
    var wakeAt = Int64.min
    /// Why there is no newer certificate; nil when all is well.
    var problem: String?
}
