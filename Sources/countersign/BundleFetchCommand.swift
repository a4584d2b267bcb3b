import ArgumentParser
import CountersignRuntime

/// `countersign bundle fetch`.
struct BundleFetchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Fetch the bundle of another trust domain into a PEM file.",
        discussion: """
            The endpoint is recognised by its SPIFFE ID and the bundle that is known already (https_spiffe), or by a \
            certificate for its host (https_web). Compare the fingerprints with those that the publisher gives another way.
            """
    )

    @Option(help: "The trust domain that the bundle is of.")
    var trustDomain: String

    @Option(help: "The bundle endpoint, https.")
    var url: String

    @Option(name: .customLong("spiffe-id"), help: "Who the endpoint has to be (https_spiffe).")
    var spiffeID: String?

    @Option(help: "The bundle that is known, PEM (https_spiffe); without it, the file of --out.")
    var bundle: String?

    @Option(help: "Who may vouch for the endpoint's host, PEM (https_web).")
    var webCA: String?

    @Option(help: "The file for the bundle, which is replaced.")
    var out: String

    func run() throws {
        var arguments = BundleFetchTool.Arguments(trustDomain: self.trustDomain, url: self.url, output: self.out)
        arguments.spiffeID = self.spiffeID
        arguments.known = self.bundle
        arguments.webAuthorities = self.webCA
        try BundleFetchTool.run(arguments, now: SystemTime.unixSeconds).finish()
    }
}
