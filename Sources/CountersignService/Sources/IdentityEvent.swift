/// Something that happened to an identity.
public enum IdentityEvent: Sendable {
    /// A new identity is shown from now on.
    case rotated(WorkloadIdentity)
    /// What came cannot be used; the identity before stays.
    case failed(ServiceIdentityError)
    /// The certificate was not renewed in time: told once when a third of its lifetime is left, and once when a tenth is.
    case expiring(WorkloadIdentity, remainingSeconds: Int64)
    /// The certificate has ended, and none has taken its place: told once; peers refuse it from now on.
    case expired(WorkloadIdentity)
}
