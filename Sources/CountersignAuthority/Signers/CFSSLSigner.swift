import CountersignIdentity
package import CountersignIssuance
import CountersignJSON
package import CountersignPKI
import Synchronization

/// An outside CA that speaks the API of CFSSL.
package final class CFSSLSigner: CertificateSigner {
    package let name = "cfssl"
    private let call: SignerCall
    private let options: Options
    private let issuer = Mutex<[UInt8]?>(nil)

    /// What the outside CA has to be told.
    package struct Options: Sendable {
        /// The key that requests are authenticated with; nil to use `sign` without one.
        package var key: CFSSLKey?
        /// The profile of the outside CA; empty for its default.
        package var profile = ""
        /// The label of the signer of the outside CA; empty for its default.
        package var label = ""
        /// How it is told the names.
        package var names = Names.hosts
        /// The certificates between its own and the root, in DER; empty when there is nothing but what `info` tells.
        package var intermediatesDER: [[UInt8]] = []

        package init() {}

        /// How names are sent.
        package enum Names: String, Sendable, CaseIterable {
            /// As `hosts`. Versions before 1.3 make DNS names of URIs, which is found out and refused here.
            case hosts
            /// As the extension itself, which the profile of the outside CA has to allow (2.5.29.17).
            case `extension`
        }
    }

    package init(_ call: SignerCall, _ options: Options) {
        self.call = call
        self.options = options
    }

    package func sign(_ order: SigningOrder) throws(SignerFailure) -> SignedChain {
        let request = signRequest(order)
        let result: JSONObject
        if let key = options.key {
            let content = request.compactBytes
            let authenticated = JSONValue.object([
                .init("token", .string(Self.base64(key.token(for: content)))),
                .init("request", .string(Self.base64(content))),
            ])
            result = try ask("authsign", authenticated)
        } else {
            result = try ask("sign", request)
        }
        guard let pem = try? result.string("certificate"), let blocks = try? PEMDocuments(parsing: pem).blocks,
            blocks[0].label == "CERTIFICATE"
        else { throw SignerFailure(.malformedAnswer, "the outside CA's answer holds no certificate in PEM") }
        return SignedChain(
            leafDER: blocks[0].der,
            issuersDER: blocks.dropFirst().map(\.der) + options.intermediatesDER + [try issuerDER()]
        )
    }

    package func revoke(_ certificate: CertificateRecord, reason: RevocationReason) throws(SignerFailure) {
        // CFSSL knows no way back from a hold.
        guard reason != .certificateHold, reason != .removeFromCRL else {
            throw SignerFailure(.unsupported, "CFSSL cannot hold or release certificates")
        }
        guard let parsed = try? ParsedCertificate(der: certificate.der) else { return }
        _ = try ask(
            "revoke",
            .object([
                .init("serial", .string(SerialNumber(parsed.serialNumber).decimal)),
                .init("authority_key_id", .string(certificate.issuerKeyID)),
                .init("reason", .string(reason.name.lowercased())),
            ])
        )
    }

    package func probe() throws(SignerFailure) {
        _ = try loadIssuer()
    }

    private func issuerDER() throws(SignerFailure) -> [UInt8] {
        if let known = issuer.withLock({ $0 }) { return known }
        return try loadIssuer()
    }

    private func loadIssuer() throws(SignerFailure) -> [UInt8] {
        let members = [JSONValue.Member("label", .string(options.label)), .init("profile", .string(options.profile))]
        let result = try ask("info", .object(members))
        guard let pem = try? result.string("certificate"), let block = try? PEMDocuments(parsing: pem).blocks.first,
            block.label == "CERTIFICATE"
        else { throw SignerFailure(.malformedAnswer, "the outside CA's info holds no certificate in PEM") }
        issuer.withLock { $0 = block.der }
        return block.der
    }

    private func signRequest(_ order: SigningOrder) -> JSONValue {
        let content = order.content
        var members: [JSONValue.Member] = [.init("certificate_request", .string(order.request.pem))]
        let hosts =
            content.dnsNames + content.addresses.map(\.description) + (content.spiffeID.map { [$0.description] } ?? [])
        switch options.names {
        case .hosts: members.append(.init("hosts", .strings(hosts)))
        case .extension:
            // With hosts as well, the certificate would have two extensions of the kind.
            let value = Hexadecimal.text(of: content.alternativeNamesDER)
            let entry = JSONValue.object([
                .init("id", .array([2, 5, 29, 17].map(JSONValue.number))), .init("critical", .bool(false)),
                .init("value", .string(value)),
            ])
            members.append(.init("hosts", .strings([])))
            members.append(.init("extensions", .array([entry])))
        }
        members.append(.init("subject", Self.subject(content)))
        members.append(.init("profile", .string(options.profile)))
        members.append(.init("label", .string(options.label)))
        return .object(members)
    }

    private static func subject(_ content: CertificateProfile) -> JSONValue {
        let subject = content.subject
        var names: [JSONValue] = []
        for (member, type) in [("C", NameAttributeType.country), ("O", .organization), ("OU", .organizationalUnit)] {
            names += subject.texts(of: type).map { .object([.init(member, .string($0))]) }
        }
        return .object([.init("CN", .string(content.commonName ?? "")), .init("names", .array(names))])
    }

    private func ask(_ endpoint: String, _ content: JSONValue) throws(SignerFailure) -> JSONObject {
        let answer = try call.make("POST", "/api/v1/cfssl/\(endpoint)", content)
        guard let document = answer.content, let envelope = try? JSONObject(document, known: nil) else {
            throw Self.failure(endpoint, answer.status, nil)
        }
        guard answer.status == 200, (try? envelope.bool("success")) == true,
            let result = try? envelope.object("result", known: nil)
        else {
            let error = (try? envelope.objects("errors", known: nil))?.flatMap(\.first)
            let text = error.flatMap { try? $0.string("message") }
            throw Self.failure(endpoint, answer.status, text)
        }
        return result
    }

    private static func failure(_ endpoint: String, _ status: Int, _ message: String?) -> SignerFailure {
        let reason = message.map { ": \(PrintableText.escaped(String($0.prefix(300))))" } ?? ""
        let code: SignerFailure.Code =
            switch (status, message) {
            case (404, _): .unsupported
            case (401, _), (403, _): .unauthorized
            case (_, let text?) where text.hasPrefix("invalid token") || text.hasPrefix("authentication required"):
                .unauthorized
            case (_, nil): .malformedAnswer
            default: .refused
            }
        return SignerFailure(code, "the outside CA answers '\(endpoint)' with status \(status)\(reason)")
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        String(decoding: Base64.encode(bytes), as: UTF8.self)
    }
}
