import CountersignControlModel
import CountersignPolicy

/// What somebody wants of a control plane: domains, and applications with their routes, as in the manifests of Cloud
/// Foundry, with endpoints and policies beside the options of a route.
struct ControlManifest {
    /// What something with a GUID is called.
    struct Name: Equatable {
        var kind: NameRecord.Kind
        /// From the outermost to its own.
        var names: [String]
        var guid: String
    }

    /// A domain that has to be there.
    struct Domain: Equatable {
        var name: String
        /// nil where it enforces no policies.
        var scope: RoutePolicyScope?
        var isInternal = false
        /// nil where it stays as it is.
        var metadata: RecordMetadata?
    }

    /// A route that has to be there; what is nil stays as it is.
    struct Route: Equatable {
        /// Host and path.
        var url: String
        /// The GUID of the space that it belongs to.
        var space: String?
        var endpoints: [Endpoint]?
        var options: RouteOptions?
        var policies: [Policy]?
        var callerPolicies: [Policy]?
        var metadata: RecordMetadata?
    }

    /// A permission that has to be there.
    struct Policy: Equatable {
        var source: PolicySource
        /// nil where it stays as it is.
        var metadata: RecordMetadata?
    }

    /// Where requests of a route are sent.
    struct Endpoint: Hashable {
        var host: String
        var port: UInt16
        var usesTLS = false
        var usesHTTP2 = false
        var certificateName: String?
        var app: String?
        var space: String?
        var organization: String?
    }

    var names: [Name] = []
    var domains: [Domain] = []
    var routes: [Route] = []
}
