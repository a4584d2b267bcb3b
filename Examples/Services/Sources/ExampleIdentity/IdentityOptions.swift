public import ArgumentParser
public import CountersignService

/// Where an example has its identity from: one of the four ways, each a line of the library.
public struct IdentityOptions: ParsableArguments, Sendable {
    /// A Workload API.
    @Option(help: "A Workload API, such as unix:///run/agent.sock.")
    public var workloadAPI: String?

    /// An agent's certificate directory.
    @Option(help: "The certificate directory of an agent; --service says whose.")
    public var agentDirectory: String?

    /// A file with the certificate.
    @Option(help: "A certificate with those above it, in PEM; needs --key and --bundle.")
    public var chain: String?

    /// A file with its key.
    @Option(help: "Its private key, in PEM.")
    public var key: String?

    /// A file with the trust bundle.
    @Option(help: "The trust bundle, in PEM.")
    public var bundle: String?

    /// A file with revocation lists.
    @Option(help: "Revocation lists, in PEM.")
    public var crl: String?

    /// The service's name.
    @Option(help: "The service's name.")
    public var service = "example"

    /// How long a certificate of the ephemeral authority lasts, in seconds.
    @Option(help: "Seconds that a certificate of the ephemeral authority lasts.")
    public var lifetime: Int64 = 3_600

    /// A folder for what peers of the ephemeral authority need.
    @Option(help: "Where the ephemeral authority's bundle and the SVID of a peer are written for other programs.")
    public var export: String?

    /// Options that name nothing.
    public init() {}

    /// The source that the options name; without any, an authority that lives in this process alone.
    public func source() async throws -> IdentitySource {
        if let workloadAPI { return try await .workloadAPI(workloadAPI) }
        if let agentDirectory { return try .files(.agentDirectory(agentDirectory, service: service)) }
        if let chain, let key, let bundle {
            return try .files(
                IdentityFiles(certificateChain: chain, privateKey: key, trustBundle: bundle, revocationLists: crl)
            )
        }
        return try ephemeral()
    }

    private func ephemeral() throws -> IdentitySource {
        var configuration = MTLSConfiguration(trustDomain: "dev.local", serviceName: service)
        configuration.certificateLifetimeSeconds = lifetime
        configuration.hostNames = ["localhost", "127.0.0.1"]
        configuration.trustBundlePath = export.map { "\($0)/ca.pem" }
        let provider = try MTLSProvider(configuration)
        if let export {
            let peer = try provider.issueSVID(service: "peer")
            try peer.export(certificatePath: "\(export)/peer.pem", keyPath: "\(export)/peer-key.pem")
        }
        guard let source = provider.source else { throw ValidationError("mutual TLS is turned off") }
        return source
    }
}
