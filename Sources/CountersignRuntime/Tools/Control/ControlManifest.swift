import CountersignPolicy

/// What somebody wants of a control plane: domains, and applications with their routes, as in the manifests of Cloud
/// Foundry, with endpoints and policies beside the options of a route.
struct ControlManifest {
    /// A domain that has to be there.
    struct Domain: Equatable {
        var name: String
        /// nil where it enforces no policies.
        var scope: RoutePolicyScope?
        var isInternal = false
    }

    /// A route that has to be there; what is nil stays as it is.
    struct Route: Equatable {
        /// Host and path.
        var url: String
        var endpoints: [Endpoint]?
        var options: RouteOptions?
        /// Sources, each as policies have it.
        var policies: [PolicySource]?
        var callerPolicies: [PolicySource]?
        /// The name of its application, for messages.
        var application = ""
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

    var domains: [Domain] = []
    var routes: [Route] = []
}
