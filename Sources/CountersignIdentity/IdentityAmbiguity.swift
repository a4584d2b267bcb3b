/// Why a verified certificate gives its holder no identity: it says two things, or something that is not well formed.
///
/// An authority that keeps its own rules issues no such certificate, so guessing which half is meant would only help
/// somebody who tricked it. All of the certificate's identities are dropped, also the one that is in order.
public enum IdentityAmbiguity: String, Hashable, Sendable, CaseIterable {
    /// More than one `OU=app:…`.
    case repeatedApp = "repeated_app"
    /// More than one `OU=space:…`.
    case repeatedSpace = "repeated_space"
    /// More than one `OU=organization:…`.
    case repeatedOrganization = "repeated_organization"
    /// An `OU=app:…`, `OU=space:…` or `OU=organization:…` whose value is not a GUID.
    case malformedUnit = "malformed_unit"
    /// An attribute whose value contains the text of such a unit, as in `CN=x,OU=app:…` inside one common name.
    case imitatedUnit = "imitated_unit"
    /// More than one URI among the alternative names.
    case severalURINames = "several_uri_names"
    /// A URI that begins with `spiffe:` and is not a SPIFFE ID of a workload.
    case malformedSPIFFEID = "malformed_spiffe_id"
    /// A SPIFFE ID of a trust domain that the authorities behind the certificate do not speak for.
    case foreignTrustDomain = "foreign_trust_domain"

    /// One sentence for a human reader.
    public var explanation: String {
        switch self {
        case .repeatedApp: "certificate has more than one OU=app: unit"
        case .repeatedSpace: "certificate has more than one OU=space: unit"
        case .repeatedOrganization: "certificate has more than one OU=organization: unit"
        case .malformedUnit: "certificate has an app, space or organization unit whose value is not a GUID"
        case .imitatedUnit: "certificate has a subject attribute that imitates an app, space or organization unit"
        case .severalURINames: "certificate has more than one URI subject alternative name"
        case .malformedSPIFFEID: "certificate has a malformed SPIFFE ID"
        case .foreignTrustDomain: "certificate has a SPIFFE ID of a trust domain that its authorities do not speak for"
        }
    }
}

extension IdentityAmbiguity: Error {}
