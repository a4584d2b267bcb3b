import CountersignJSON
import CountersignPKI

extension AdminTool {
    /// Has a key certified by the authority, and puts the certificate in place.
    ///
    /// Arguments and places are refused before anything is asked for. A key that is made here is written before the
    /// certificate, and never sent.
    package func issue(_ order: CertificateOrder) -> ToolResult {
        run { () throws(ToolError) in
            let outputs = try IssueOutputs(order.outputs)
            let (request, key) = try order.request()
            let path = "/api/admin/security/certificates/\(AdminQuery.encoded(order.service))/sign"
            let answer = try connection.call("POST", path, try order.document(request)) ?? .object([])
            let chain = Self.cell(answer, "chain")
            let serial = Self.cell(answer, "serial")
            try Self.check(chain, isFor: request)
            let content = IssueOutputs.Content(
                chain: chain,
                key: key?.pemPKCS8,
                trustBundle: Self.cell(answer, "trust_bundle"),
                summary: "serial \(serial), valid until \(Self.cell(answer, "not_after"))"
            )
            do throws(ToolError) {
                let lines = try outputs.write(content)
                return isJSON ? answer.text + "\n" : lines
            } catch {
                let advice = "the certificate \(serial) was issued: revoke it, or what it is for gets another"
                throw ToolError("\(error.message); \(advice)", exitCode: error.exitCode)
            }
        }
    }

    private static func check(_ chain: String, isFor request: SigningRequest) throws(ToolError) {
        let leaf = try? CertificateChain(pem: Array(chain.utf8)).certificates.first
        guard let leaf, leaf.publicKey.derEncoded == request.publicKey.derEncoded else {
            let message = "the authority answered with a certificate for another key"
            throw ToolError(message, exitCode: AdminConnection.refused)
        }
    }
}
