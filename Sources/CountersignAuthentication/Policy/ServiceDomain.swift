package import CountersignIdentity

/// Where services are at home that an allow list names without their SPIFFE ID.
///
/// Any authority may have a service `orders`; in an allow list the name is that of one trust domain and namespace.
package struct ServiceDomain: Sendable, Hashable {
    /// The trust domain.
    package var trustDomain: TrustDomain
    /// The namespace of names that are written without one.
    package var namespace: String

    /// The namespace where none is said.
    package static let defaultNamespace = "default"

    /// Takes the parts.
    ///
    /// - Throws: `IdentityError` when the namespace is no segment of a SPIFFE ID.
    package init(
        trustDomain: TrustDomain,
        namespace: String = ServiceDomain.defaultNamespace
    ) throws(IdentityError) {
        _ = try SPIFFEID.workload(trustDomain: trustDomain, namespace: namespace, serviceAccount: "x")
        self.trustDomain = trustDomain
        self.namespace = namespace
    }

    /// The SPIFFE IDs of a service: `/ns/{namespace}/sa/{name}`, and without a namespace of its own `/service/{name}`, too.
    func ids(of name: String, in namespace: String?) throws(IdentityError) -> Set<SPIFFEID> {
        let own = try SPIFFEID.workload(
            trustDomain: trustDomain,
            namespace: namespace ?? self.namespace,
            serviceAccount: name
        )
        return namespace == nil ? [own, try SPIFFEID.service(trustDomain: trustDomain, name: name)] : [own]
    }
}
