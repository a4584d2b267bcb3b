import CountersignHTTPServer
import CountersignIdentity
import CountersignIssuance
import CountersignPKI
import CountersignTransport

/// A sample service: an identity, and a backend that answers with the identity headers that it saw.
struct DevService: Sendable {
    let name: String
    let identity: CloudFoundryIdentity
    let spiffeID: SPIFFEID
    let server: HTTPServer

    /// Starts the service on a port of loopback that the system chooses.
    init(name: String, space: CloudFoundryGUID, organization: CloudFoundryGUID) throws {
        self.name = name
        self.identity = CloudFoundryIdentity(app: try .random(), space: space, organization: organization)
        self.spiffeID = try .workload(
            trustDomain: DevEnvironment.trustDomain,
            namespace: "default",
            serviceAccount: name
        )
        let address = try SocketAddress.resolve(host: "127.0.0.1", port: 0)
        self.server = try HTTPServer(name: name, listen: address[0]) { request in
            Self.answer(request, service: name)
        }
    }

    /// What the authority knows of the service: what its certificates say.
    var registration: ServiceRegistration {
        ServiceRegistration(
            name: name,
            spiffeID: spiffeID,
            dnsNames: [name, "\(name).\(DevEnvironment.domain)"],
            cloudFoundry: identity,
            owner: "countersign dev",
            origin: .configuration
        )
    }

    private static func answer(_ request: ServerRequest, service: String) -> ServerResponse {
        let shown = ["x-forwarded-client-cert", "x-forwarded-for", "x-forwarded-proto", "host"]
        let seen = request.fields.filter { shown.contains($0.name.lowercased()) }
        var lines = ["{", "  \"service\": \(JSONText.quoted(service)),"]
        lines.append("  \"request\": \(JSONText.quoted("\(request.methodText) \(request.path)")),")
        lines.append("  \"headers\": {")
        for (index, field) in seen.enumerated() {
            let comma = index + 1 < seen.count ? "," : ""
            lines.append("    \(JSONText.quoted(field.name)): \(JSONText.quoted(field.value))\(comma)")
        }
        lines += ["  }", "}", ""]
        return ServerResponse(
            status: 200,
            contentType: "application/json",
            body: Array(lines.joined(separator: "\n").utf8)
        )
    }
}
