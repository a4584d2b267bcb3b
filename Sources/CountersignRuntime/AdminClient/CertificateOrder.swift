import CountersignJSON
import CountersignPKI

/// `countersign certs issue` and `certs sign`: what is wanted from a running authority, and where it is put.
package struct CertificateOrder: Sendable {
    /// The key to certify.
    package enum Key: Sendable {
        /// A new one of this kind: `p256`, `p384`, `rsa2048`, `rsa3072` or `rsa4096`.
        case new(String)
        /// That of a file in PEM, which nobody else may read.
        case file(String)
        /// That of a certificate request, in PEM or DER.
        case request(String)
    }

    /// The service.
    package var service: String
    /// The key; it never leaves this host.
    package var key: Key
    /// The issuance profile; nil for the registration's.
    package var profile: String?
    /// How long the certificate is to be good, such as `30m` or `7d`; nil for the profile's lifetime.
    package var lifetime: String?
    /// The DNS names to put in; empty for all of the registration.
    package var dnsNames: [String] = []
    /// A directory for `cert.pem`, `key.pem` and `ca.pem`.
    package var outputDirectory: String?
    /// A file for the certificate and those above it.
    package var certificateOutput: String?
    /// A file for the private key.
    package var keyOutput: String?
    /// Whether files that are there are replaced.
    package var force = false

    package init(service: String, key: Key) {
        self.service = service
        self.key = key
    }
}

extension CertificateOrder {
    /// Where to put what is made.
    var outputs: IssueOutputs.Wish {
        var wish = IssueOutputs.Wish(directory: outputDirectory, certificate: certificateOutput, key: keyOutput)
        wish.replaces = force
        switch key {
        case .new: break
        case .file(let path): (wish.keyOption, wish.inputs) = ("--use-key", [("--use-key", path)])
        case .request(let path): (wish.keyOption, wish.inputs) = ("--csr", [("--csr", path)])
        }
        return wish
    }

    /// The request to send, and the key behind it where it is made here.
    func request() throws(ToolError) -> (SigningRequest, new: PrivateKey?) {
        do {
            switch key {
            case .request(let path): return (try CertificateRequestFile.read(path), nil)
            case .file(let path): return (try SigningRequest.withoutNames(for: try Self.read(path)), nil)
            case .new(let name):
                guard let kind = PrivateKey.Kind(rawValue: name) else {
                    let kinds = PrivateKey.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ToolError("--key-type '\(PrintableText.escaped(name))' must be one of \(kinds)")
                }
                let key = try PrivateKey.generate(kind)
                return (try SigningRequest.withoutNames(for: key), key)
            }
        } catch let error as ToolError {
            throw error
        } catch {
            throw ToolError("\(error)")
        }
    }

    /// What is sent with the request.
    func document(_ request: SigningRequest) throws(ToolError) -> JSONValue {
        var members = [JSONValue.Member("csr", .string(request.pem))]
        if let profile { members.append(.init("profile", .string(profile))) }
        if let lifetime {
            guard let seconds = Lifetime.seconds(parsing: lifetime) else {
                let text = PrintableText.escaped(lifetime)
                throw ToolError("--ttl '\(text)' must be a number with s, m, h or d, such as 30m, 1h or 90d")
            }
            members.append(.init("ttl_seconds", .number(seconds)))
        }
        if !dnsNames.isEmpty { members.append(.init("dns_names", .strings(dnsNames))) }
        return .object(members)
    }

    private static func read(_ path: String) throws(ToolError) -> PrivateKey {
        let content = try ToolFile.readSecret(path)
        do {
            return try PrivateKey(pem: content)
        } catch {
            throw ToolError(error, inFile: path)
        }
    }
}
