import ArgumentParser
import CountersignConfiguration
import CountersignRuntime

extension BundleExportTool.Format: ExpressibleByArgument {}

/// `countersign bundle export`.
struct BundleExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the authority's trust bundle; the authority need not run."
    )

    @Option(help: "The authority's configuration file.")
    var config: String

    @Option(help: "pem for the roots in PEM, spiffe for a SPIFFE bundle (JWKS).")
    var format = BundleExportTool.Format.pem

    @Option(help: "The file, which is replaced; standard output without it.")
    var out: String?

    func run() throws {
        try BundleExportTool.run(
            configuration: self.config,
            format: self.format,
            output: self.out,
            loader: ConfigurationLoader(environment: ProcessEnvironment.value),
            now: SystemTime.unixSeconds
        ).finish()
    }
}
