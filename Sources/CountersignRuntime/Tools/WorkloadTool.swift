import CountersignFiles
import CountersignGRPC
import CountersignGRPCClient
import CountersignPKI
import CountersignTransport
import CountersignWorkload
import Glibc

/// `countersign workload`: what a Workload API gives the one who asks.
package struct WorkloadTool {
    private let address: SocketAddress
    private let patience: Duration

    /// - Parameters:
    ///   - socket: where the API is; nil for what `SPIFFE_ENDPOINT_SOCKET` says.
    ///   - environment: the values of environment variables.
    ///   - patience: how long an answer may take.
    /// - Throws: ``ToolError`` when there is no address, or none of a Workload API.
    package init(
        socket: String?,
        environment: (String) -> String?,
        patience: Duration = .seconds(10)
    ) throws(ToolError) {
        self.patience = patience
        do throws(WorkloadError) {
            self.address = try WorkloadClient.address(socket, environment: environment)
        } catch {
            throw ToolError(error.message, exitCode: ToolResult.unusableArguments)
        }
    }

    /// Fetches the X.509-SVIDs, and writes the first one with its bundle into a folder when that is given: `cert.pem`,
    /// `key.pem` (mode 0600) and `ca.pem`.
    package func fetch(writingTo folder: String?) throws(ToolError) -> ToolResult {
        let response = try message(WorkloadMethod.fetchX509SVID) { (bytes) throws in
            try X509SVIDResponse(parsing: bytes)
        }
        let identities: [WorkloadIdentity]
        do throws(WorkloadError) {
            identities = try WorkloadIdentity.verifying(response, atUnixSeconds: Int64(time(nil)))
        } catch {
            throw ToolError("the answer is not to be used: \(error)", exitCode: 1)
        }
        var text = ""
        for identity in identities {
            let end = CalendarTime(unixSeconds: identity.leaf.notAfter).rfc3339
            text += "\(identity.id)\n  serial \(SerialNumber(identity.leaf.serialNumber).hexadecimal)\n"
            text += "  not after \(end)\n  authorities \(identity.authoritiesDER.count)\n"
            if !identity.hint.isEmpty { text += "  hint \(PrintableText.escaped(identity.hint))\n" }
        }
        if !response.revocationLists.isEmpty { text += "revocation lists \(response.revocationLists.count)\n" }
        for name in response.federatedBundles.keys.sorted() { text += "federated \(PrintableText.escaped(name))\n" }
        if let folder, let first = identities.first { try write(first, to: folder) }
        return ToolResult(output: text)
    }

    /// Fetches the trust bundles.
    package func bundles() throws(ToolError) -> ToolResult {
        let response = try message(WorkloadMethod.fetchX509Bundles) { (bytes) throws in
            try X509BundlesResponse(parsing: bytes)
        }
        var text = ""
        for (name, bundle) in response.bundles.sorted(by: { $0.key < $1.key }) {
            do throws(WorkloadError) {
                let authorities = try WorkloadIdentity.certificates(of: bundle)
                text += "# \(PrintableText.escaped(name))\n"
                text += authorities.map { PEMBlock.text(label: "CERTIFICATE", der: $0) }.joined()
            } catch {
                throw ToolError("the bundle of \(PrintableText.escaped(name)): \(error)", exitCode: 1)
            }
        }
        return ToolResult(output: text)
    }

    /// Fetches a JWT-SVID for audiences and prints it: a secret.
    package func token(audiences: [String], spiffeID: String?) throws(ToolError) -> ToolResult {
        var request = JWTSVIDRequest()
        request.audiences = audiences
        request.spiffeID = spiffeID ?? ""
        let response = try message(WorkloadMethod.fetchJWTSVID, request.bytes) { (bytes) throws in
            try JWTSVIDResponse(parsing: bytes)
        }
        return ToolResult(output: response.svids.first.map { "\($0.token)\n" } ?? "")
    }

    private func message<Message>(
        _ path: String,
        _ request: [UInt8] = [],
        _ parse: ([UInt8]) throws -> Message
    ) throws(ToolError) -> Message {
        do {
            let call = try WorkloadClient.call(path, at: address, message: request, timeout: patience)
            guard let bytes = try call.next() else {
                throw ToolError("the Workload API ended the call without an answer", exitCode: 1)
            }
            return try parse(bytes)
        } catch let error as ToolError {
            throw error
        } catch {
            throw ToolError("\(error)", exitCode: 1)
        }
    }

    private func write(_ identity: WorkloadIdentity, to folder: String) throws(ToolError) {
        func pem(_ certificates: [[UInt8]]) -> [UInt8] {
            Array(certificates.map { PEMBlock.text(label: "CERTIFICATE", der: $0) }.joined().utf8)
        }
        do throws(SystemError) {
            try Folder.make(folder)
            try AtomicFile.write(pem(identity.authoritiesDER), to: "\(folder)/ca.pem", mode: 0o644)
            try AtomicFile.write(Array(identity.key.pemPKCS8.utf8), to: "\(folder)/key.pem", mode: 0o600)
            try AtomicFile.write(pem(identity.chainDER), to: "\(folder)/cert.pem", mode: 0o644)
        } catch {
            throw ToolError("\(error)", exitCode: 1)
        }
    }
}
