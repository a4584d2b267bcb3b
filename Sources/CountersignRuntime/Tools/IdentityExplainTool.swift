import CountersignAuthentication
import CountersignConfiguration
import CountersignIdentity
import CountersignIdentityMapping
import CountersignJSON
import CountersignPKI

/// `countersign identity explain`: what each rule of a mapping says of a certificate.
package enum IdentityExplainTool {
    /// Explains the first certificate of a file.
    ///
    /// - Parameters:
    ///   - certificate: the file, PEM or DER.
    ///   - mappings: the file with the rules.
    ///   - environment: the value of an environment variable, for `${NAME}` in the rules.
    ///   - json: whether the result is one JSON object.
    /// - Returns: the explanation, with the code 0 where the holder has an ARN, 1 where not, 2 for unusable files.
    package static func run(
        certificate: String,
        mappings: String,
        environment: @escaping @Sendable (String) -> String?,
        json: Bool
    ) -> ToolResult {
        let document = IdentityMappingDocument(path: mappings, environment: environment)
        guard let mapping = document.mapping else {
            let lines = document.problems.map { "error: \($0)\n" }.joined()
            return ToolResult(output: "", diagnostics: lines, exitCode: ToolResult.unusableArguments)
        }
        do throws(ToolError) {
            let parsed = try self.parse(certificate)
            let facts = MappedCertificate(certificate: parsed)
            let explanation = IdentityExplanation(facts, mapping)
            return ToolResult(
                output: (json ? explanation.json.text : explanation.text) + "\n",
                diagnostics: document.warnings.map { "\($0)\n" }.joined(),
                exitCode: explanation.arn == nil ? 1 : 0
            )
        } catch {
            return ToolResult(error)
        }
    }

    private static func parse(_ path: String) throws(ToolError) -> ParsedCertificate {
        guard let der = try CertificateFile.encodings(path).first else {
            throw ToolError("\(PrintableText.escaped(path)): there is no certificate")
        }
        do {
            return try ParsedCertificate(der: der)
        } catch {
            throw ToolError(error, inFile: path)
        }
    }
}
