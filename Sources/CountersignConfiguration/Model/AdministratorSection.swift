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
    static func read(_ value: ValueReader) -> AdministratorSection? {
        value.mapping("\"spiffe_id\" and \"role\"") { reader in
            let id = reader.required("spiffe_id", "the SPIFFE ID of the administrator's certificate")?
                .parsed("a SPIFFE ID", SPIFFEID.init(parsing:))
            let role = reader.choice("role", default: Role.auditor)
            return id.map { AdministratorSection(spiffeID: $0, role: role) }
        }
    }
}
