/// What a domain demands of its callers.
public enum DomainPolicy: Hashable, Sendable {
    /// No client certificate.
    case plain
    /// A verified client certificate, and what the authorization says.
    case mutualTLS(DomainAuthorization)
}
