package import CountersignIdentity

/// The names that a caller proved to have.
package struct CallerNames: Sendable, Hashable {
    /// The canonical name that the mapping gave.
    package var arn: String?
    /// The SPIFFE ID of the certificate.
    package var spiffeID: SPIFFEID?
    /// The service's name.
    ///
    /// It is that of the SPIFFE ID, of the subject that a TLS terminator told, or of the service token that is bound to the
    /// certificate. Other trust domains and namespaces may have a service of the same name.
    package var service: String?

    /// Takes the names.
    package init(arn: String? = nil, spiffeID: SPIFFEID? = nil, service: String? = nil) {
        self.arn = arn
        self.spiffeID = spiffeID
        self.service = service
    }

    /// The service that a SPIFFE ID names: `/ns/{namespace}/sa/{service}` or `/service/{name}`; nil for other paths.
    package static func service(of id: SPIFFEID) -> String? {
        let parts = id.path.split(separator: "/").map(String.init)
        if parts.count == 4, parts[0] == "ns", parts[2] == "sa" { return parts[3] }
        if parts.count == 2, parts[0] == "service" { return parts[1] }
        return nil
    }
}
