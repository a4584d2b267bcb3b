import CountersignIdentity
package import CountersignIssuance
import CountersignJSON
package import CountersignPKI

/// An outside CA that is the PKI engine of a Vault.
package final class VaultSigner: CertificateSigner {
    package let name = "vault"
    private let call: SignerCall
    private let options: Options

    /// What the Vault has to be told.
    package struct Options: Sendable {
        /// Where the PKI engine is mounted.
        package var mount = "pki"
        /// The role to sign with.
        package var role: String
        /// The token, read for each call, as agents write new ones.
        package var token: @Sendable () throws(SignerFailure) -> String

        package init(role: String, token: @escaping @Sendable () throws(SignerFailure) -> String) {
            self.role = role
            self.token = token
        }
    }

    package init(_ call: SignerCall, _ options: Options) {
        self.call = call
        self.options = options
    }

    package func sign(_ order: SigningOrder) throws(SignerFailure) -> SignedChain {
        let content = order.content
        let data = try ask(
            "POST",
            "/v1/\(options.mount)/sign/\(options.role)",
            .object([
                .init("csr", .string(order.request.pem)),
                .init("common_name", .string(content.commonName ?? "")),
                .init("alt_names", .string(content.dnsNames.joined(separator: ","))),
                .init("ip_sans", .string(content.addresses.map(\.description).joined(separator: ","))),
                .init("uri_sans", .string(content.spiffeID?.description ?? "")),
                .init("exclude_cn_from_sans", .bool(true)),
                .init("ttl", .string("\(content.lifetimeSeconds)s")),
                .init("format", .string("pem")),
            ])
        )
        let leaf = try Self.certificates(try? data.string("certificate"))
        guard let certificate = leaf.first else {
            throw SignerFailure(.malformedAnswer, "the Vault's answer holds no certificate in PEM")
        }
        let chain = (try? data.strings("ca_chain")) ?? []
        var issuers = try Self.certificates(try? data.string("issuing_ca"))
        for pem in chain { issuers += try Self.certificates(pem) }
        return SignedChain(leafDER: certificate, issuersDER: Array(leaf.dropFirst()) + Self.unique(issuers))
    }

    package func revoke(_ certificate: CertificateRecord, reason: RevocationReason) throws(SignerFailure) {
        guard reason != .certificateHold, reason != .removeFromCRL else {
            throw SignerFailure(.unsupported, "a Vault cannot hold or release certificates")
        }
        var digits = certificate.serial[...]
        var bytes: [Substring] = []
        while !digits.isEmpty {
            bytes.append(digits.prefix(2))
            digits = digits.dropFirst(2)
        }
        let serial = bytes.joined(separator: ":")
        _ = try ask("POST", "/v1/\(options.mount)/revoke", .object([.init("serial_number", .string(serial))]))
    }

    package func probe() throws(SignerFailure) {
        let answer = try call.make("GET", "/v1/sys/health", nil)
        // 429, 472 and 473 are standbys, which pass requests on.
        guard [200, 429, 472, 473].contains(answer.status) else {
            throw SignerFailure(.unreachable, "the Vault is not in service: its health has status \(answer.status)")
        }
    }

    private func ask(_ method: String, _ path: String, _ content: JSONValue) throws(SignerFailure) -> JSONObject {
        let fields: [(name: String, value: String)] = [
            ("X-Vault-Token", try options.token()), ("X-Vault-Request", "true"),
        ]
        let answer = try call.make(method, path, fields: fields, content)
        let envelope = answer.content.flatMap { try? JSONObject($0, known: nil) }
        guard answer.status == 200, let data = envelope.flatMap({ try? $0.object("data", known: nil) }) else {
            throw Self.failure(answer.status, (try? envelope?.strings("errors")) ?? nil)
        }
        return data
    }

    private static func failure(_ status: Int, _ errors: [String]?) -> SignerFailure {
        let text = errors.map { $0.joined(separator: "; ") } ?? ""
        let reason = text.isEmpty ? "" : ": \(PrintableText.escaped(String(text.prefix(300))))"
        let code: SignerFailure.Code =
            switch status {
            case 401, 403: .unauthorized
            case 404: .unsupported
            case 500...599: .unreachable
            case 200: .malformedAnswer
            default: .refused
            }
        return SignerFailure(code, "the Vault answers with status \(status)\(reason)")
    }

    private static func certificates(_ pem: String?) throws(SignerFailure) -> [[UInt8]] {
        guard let pem, !pem.isEmpty else { return [] }
        guard let blocks = try? PEMDocuments(parsing: pem).blocks, blocks.allSatisfy({ $0.label == "CERTIFICATE" })
        else {
            throw SignerFailure(.malformedAnswer, "the Vault's answer holds something else than certificates in PEM")
        }
        return blocks.map(\.der)
    }

    private static func unique(_ certificates: [[UInt8]]) -> [[UInt8]] {
        var seen = Set<[UInt8]>()
        return certificates.filter { seen.insert($0).inserted }
    }
}
