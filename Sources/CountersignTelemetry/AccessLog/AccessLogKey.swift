/// The fields of the access log that do not change from request to request and are rendered ahead.
package enum AccessLogKey: Sendable, CaseIterable {
    /// The client's address and port.
    case remoteAddress
    /// The backend's address and port.
    case upstream
    /// What the backend, or the router toward it, did not come up to in TLS.
    case upstreamTLSError
    /// The server name of the TLS handshake.
    case tlsSNI
    /// The TLS version.
    case tlsVersion
    /// The cipher suite.
    case tlsCipher
    /// The caller's Cloud Foundry application.
    case callerCFApp
    /// The caller's Cloud Foundry space.
    case callerCFSpace
    /// The caller's Cloud Foundry organization.
    case callerCFOrg
    /// The caller's SPIFFE id.
    case callerSPIFFEID
    /// The caller's subject, where it has no other identity.
    case callerSubject
    /// The local workload that calls through a forward proxy.
    case workload
    /// The pattern of the route that matched.
    case route
    /// The rule that decided.
    case policy
    /// Why policy refused, where the words depend on the caller.
    case deniedReason

    /// What precedes the value in JSON.
    var jsonLead: StaticString {
        switch self {
        case .remoteAddress: ",\"remote_addr\":\""
        case .upstream: ",\"upstream\":\""
        case .upstreamTLSError: ",\"upstream_tls_error\":\""
        case .tlsSNI: ",\"tls_sni\":\""
        case .tlsVersion: ",\"tls_version\":\""
        case .tlsCipher: ",\"tls_cipher\":\""
        case .callerCFApp: ",\"caller_cf_app\":\""
        case .callerCFSpace: ",\"caller_cf_space\":\""
        case .callerCFOrg: ",\"caller_cf_org\":\""
        case .callerSPIFFEID: ",\"caller_spiffe_id\":\""
        case .callerSubject: ",\"caller_subject\":\""
        case .workload: ",\"workload\":\""
        case .route: ",\"route\":\""
        case .policy: ",\"mtls_policy\":\""
        case .deniedReason: ",\"mtls_denied_reason\":\""
        }
    }

    /// What precedes the value in the text form.
    var textLead: StaticString {
        switch self {
        case .remoteAddress, .upstream: " \""
        case .upstreamTLSError: " upstream_tls_error:\""
        case .tlsSNI: " tls_sni:\""
        case .tlsVersion: " tls_version:\""
        case .tlsCipher: " tls_cipher:\""
        case .callerCFApp: " caller_cf_app:\""
        case .callerCFSpace: " caller_cf_space:\""
        case .callerCFOrg: " caller_cf_org:\""
        case .callerSPIFFEID: " caller_spiffe_id:\""
        case .callerSubject: " caller_subject:\""
        case .workload: " workload:\""
        case .route: " route:\""
        case .policy: " mtls_policy:\""
        case .deniedReason: " mtls_denied_reason:\""
        }
    }

    /// Whether the text form gives the field a place in the line instead of a name.
    var isPositional: Bool {
        switch self {
        case .remoteAddress, .upstream: true
        default: false
        }
    }
}
