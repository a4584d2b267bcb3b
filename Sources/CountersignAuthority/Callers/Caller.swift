package import CountersignIdentity
package import CountersignIssuance

/// Who asks the authority for something, as far as it was proven.
package struct Caller: Sendable, Hashable {
    /// What was proven.
    package var identity: Identity
    /// The address that the call came from, where there is one.
    package var address: String?
    /// The serial number of the certificate that proved it, in lower-case hexadecimal; nil where there was none.
    package var credential: String?

    /// What was proven about a caller.
    package enum Identity: Sendable, Hashable {
        /// Nothing.
        case anonymous
        /// A certificate of this authority with that SPIFFE ID, which is nobody's below.
        case workload(SPIFFEID)
        /// A certificate of a registered service.
        case service(String)
        /// A certificate of an agent that has joined.
        case agent(String)
        /// A certificate or a bearer token with an administrative role.
        case administrator(name: String, role: AdminRole)
        /// A holder of a key of the CFSSL API, or of a token of the Vault API.
        case key(String)
        /// This process itself, or an operator with access to its files.
        case local(String)
    }

    package init(_ identity: Identity, address: String? = nil, credential: String? = nil) {
        self.identity = identity
        self.address = address
        self.credential = credential
    }

    /// How the audit trail names the caller.
    package var name: String {
        switch identity {
        case .anonymous: "anonymous"
        case .workload(let id): id.description
        case .service(let name): "service/\(name)"
        case .agent(let name): "agent/\(name)"
        case .administrator(let name, _): name
        case .key(let name): "key/\(name)"
        case .local(let name): "local/\(name)"
        }
    }
}
