public import ArgumentParser
public import CountersignService

/// Where an example has its identity from: one of the four ways, each a line of the library.
public struct IdentityOptions: ParsableArguments, Sendable {
    @Option(help: "A Workload API, such as unix:///run/agent.sock.")
    public var workloadAPI: String?

    @Option(help: "The certificate directory of an agent; --service says whose.")
    public var agentDirectory: String?

    @Option(help: "A certificate with those above it, in PEM; needs --key and --bundle.")
    public var chain: String?

    @Option(help: "Its private key, in PEM.")
    public var key: String?

    @Option(help: "The trust bundle, in PEM.")
    public var bundle: String?

    @Option(help: "Revocation lists, in PEM.")
    public var crl: String?

    @Option(help: "The service's name.")
    public var service = "example"

    @Option(help: "Seconds that a certificate of the ephemeral authority lasts.")
    public var lifetime: Int64 = 3_600

    @Option(help: "Where the ephemeral authority's bundle and the SVID of a peer are written for other programs.")
    public var export: String?

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
