package import CountersignIdentity

/// Somebody who may administer the authority: an element of the list `authority.administrators`.
package struct AdministratorSection: Hashable, Sendable {
    /// What an administrator may do.
    package enum Role: String, CaseIterable, Hashable, Sendable {
        /// Everything.
        case admin
        /// Rotate, revoke, hold and release.
        case `operator`
        /// Read, the audit trail among it.
        case auditor
    }

    /// The SPIFFE ID of the administrator's certificate.
    package var spiffeID: SPIFFEID

    /// What the administrator may do.
    package var role: Role
}

extension AdministratorSection {
    /// Reads an element of the list.
    ///
    /// ## Configuration keys
    /// - `spiffe_id` (SPIFFE ID, required), `role` (`admin`, `operator` or `auditor`, default `auditor`)
    ///
    /// - Parameter trustDomain: the authority's; it accepts certificates of no other. Nil where that is faulty itself.
    static func read(_ value: ValueReader, trustDomain: TrustDomain?) -> AdministratorSection? {
        value.mapping("\"spiffe_id\" and \"role\"") { reader in
            let place = reader.required("spiffe_id", "the SPIFFE ID of the administrator's certificate")
            let id = place?.parsed("a SPIFFE ID", SPIFFEID.init(parsing:))
            if let id, let trustDomain, id.trustDomain != trustDomain {
                place?.fail(
                    "an administrator's certificate is one of this authority: expected a SPIFFE ID of \(trustDomain)"
                )
            }
            let role = reader.choice("role", default: Role.auditor)
            return id.map { AdministratorSection(spiffeID: $0, role: role) }
        }
    }
}
