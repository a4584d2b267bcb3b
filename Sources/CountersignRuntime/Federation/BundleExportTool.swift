import CountersignAuthority
package import CountersignConfiguration
import CountersignJSON
import CountersignPKI

/// `countersign bundle export`: the authority's own trust bundle, from its configuration; it need not run.
package enum BundleExportTool {
    /// The forms of a bundle.
    package enum Format: String, CaseIterable, Sendable {
        /// The roots in PEM.
        case pem
        /// A SPIFFE bundle: a JWK set.
        case spiffe
    }

    /// Runs the tool.
    ///
    /// - Parameters:
    ///   - configuration: the path of the authority's configuration file.
    ///   - format: PEM, or a SPIFFE bundle.
    ///   - output: the file, which is replaced; nil for standard output.
    ///   - loader: reads the configuration.
    ///   - now: the current time in Unix seconds, at which the certificates must be valid.
    /// - Returns: Exit code 0, or 2 for a configuration or a file that cannot be used.
    package static func run(
        configuration: String,
        format: Format,
        output: String?,
        loader: ConfigurationLoader,
        now: Int64
    ) -> ToolResult {
        do {
            let loaded = try LoadedAuthority.load(path: configuration, loader: loader, now: now)
            let text = try text(loaded.issuer.trustBundlePEM, format)
            guard let output else { return ToolResult(output: text) }
            try ToolFile.write(output, text, mode: 0o644, replaces: true)
            return ToolResult(output: "wrote \(PrintableText.escaped(output))\n")
        } catch let error as ToolError {
            return ToolResult(error)
        } catch {
            return ToolResult(ToolError("\(error)"))
        }
    }

    private static func text(_ pem: String, _ format: Format) throws -> String {
        switch format {
        case .pem: pem
        case .spiffe: try SPIFFEBundle(pem: Array(pem.utf8)).json().text + "\n"
        }
    }
}
