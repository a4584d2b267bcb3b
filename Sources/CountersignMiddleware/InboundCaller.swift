import CountersignAuthentication
public import CountersignIdentity
import CountersignIdentityMapping

/// Who makes a request: only ``InboundAuthentication`` makes one, of a request that passed.
public struct InboundCaller: Sendable, Hashable {
    /// The canonical name that the mapping gave.
    public let arn: String?
    /// The SPIFFE ID of the certificate.
    public let spiffeID: SPIFFEID?
    /// The service's name; other trust domains and namespaces, which ``spiffeID`` tells, may have one of the same name.
    public let service: String?
    /// Whom the token is about; with ``waived``, whoever shows it may have stolen it.
    public let tokenSubject: String?
    /// The SHA-256 digest of the certificate in hexadecimal; nil without one.
    public let thumbprint: String?
    /// The reason that would have refused the request if mutual TLS were enforced; nil in all production.
    ///
    /// With it nobody has proved who calls: there is no ``name`` then, and nothing of a certificate.
    public let waived: String?
    /// The caller in one text: ARN, SPIFFE ID, service or subject of the token, whichever there is first; nil for nobody.
    public let name: String?

    init(_ authenticated: Authenticated) {
        arn = authenticated.names.arn
        spiffeID = authenticated.names.spiffeID
        service = authenticated.names.service
        tokenSubject = authenticated.token?.subject
        thumbprint = authenticated.certificate?.thumbprint?.hexadecimal
        waived = authenticated.waived?.code.rawValue
        name = authenticated.caller
    }
}
