import CountersignHTTPClient
import CountersignIdentity
package import CountersignJSON
import CountersignPKI
import CountersignTLS
import Glibc

/// Where an authority's admin API is, and how the caller proves who it is.
package struct AdminConnectionOptions: Sendable {
    /// `http://host:port` of the admin listener, or `https://host:port` of the native one.
    package var url: String
    /// The file with a bearer token; nil when a certificate is shown instead.
    package var tokenFile: String?
    /// The roots that an https URL's server is verified with.
    package var rootsFile: String?
    /// The caller's certificate chain and key.
    package var certificateFile: String?
    package var keyFile: String?

    /// The option that the URL was given with, and what answers there, for messages.
    let option: String
    let peer: String

    package init(url: String) {
        self.init(url: url, option: "--url", peer: "the authority")
    }

    /// - Parameters:
    ///   - url: where the API is.
    ///   - option: the option that the URL was given with.
    ///   - peer: what answers there.
    init(url: String, option: String, peer: String) {
        self.url = url
        self.option = option
        self.peer = peer
    }
}

/// Calls of the admin API, for the command line.
package struct AdminConnection: Sendable {
    private let client: HTTPClient
    private let basePath: String
    private let fields: [(name: String, value: String)]
    private let names: OptionNames
    private let peer: String

    /// Reads the credentials; messages name members and parameters as `names` has them.
    ///
    /// - Throws: ``ToolError`` that names the file or the option at fault.
    package init(_ options: AdminConnectionOptions, names: OptionNames = [:]) throws(ToolError) {
        let endpoint: HTTPEndpoint
        do {
            endpoint = try HTTPEndpoint(url: options.url)
        } catch {
            throw ToolError("\(options.option): \(error)")
        }
        var fields: [(name: String, value: String)] = []
        if let file = options.tokenFile {
            let content = String(decoding: try ToolFile.readSecret(file, holding: "a token"), as: UTF8.self)
            let text = content.split(whereSeparator: \.isWhitespace).first ?? ""
            guard !text.isEmpty else { throw ToolError("\(file): there is no token in the file") }
            guard endpoint.isSecure || Self.isLocal(endpoint.host) else {
                throw ToolError("--url: a token is sent over https, or to this host; \(options.url) is neither")
            }
            fields.append(("Authorization", "Bearer \(text)"))
        }
        self.fields = fields
        self.names = names
        self.peer = options.peer
        self.basePath = endpoint.basePath
        self.client = HTTPClient(endpoint, tls: endpoint.isSecure ? try Self.tls(options, endpoint) : nil)
    }

    /// Makes a call and returns its document; nil when the answer has none.
    ///
    /// - Throws: ``ToolError``: exit code 1 for a refusal of the authority, 3 when it cannot be reached.
    package func call(
        _ method: String,
        _ path: String,
        _ document: JSONValue? = nil
    ) throws(ToolError) -> JSONValue? {
        let response: ClientResponse
        do {
            response = try client.request(
                method,
                basePath + path,
                fields: fields + [("Content-Type", "application/json")],
                body: document.map { $0.compactBytes } ?? []
            )
        } catch {
            throw ToolError("\(peer) cannot be reached: \(error)", exitCode: Self.unreachable)
        }
        let answer = response.body.isEmpty ? nil : try? JSONValue(parsing: response.body)
        guard (200..<300).contains(response.status) else {
            let detail = answer.flatMap(Self.detail).map(names.renamed)
            var error = ToolError(
                detail.map { "\($0) (\(response.status))" } ?? "\(peer) answered \(response.status)",
                exitCode: Self.refused
            )
            error.status = Int(response.status)
            throw error
        }
        return answer
    }

    /// What a refusal says: that of a problem document, or the first of the V3 API's errors.
    private static func detail(_ answer: JSONValue) -> String? {
        guard let object = try? JSONObject(answer, known: nil) else { return nil }
        if let detail = try? object.string("detail") { return detail }
        return try? object.objects("errors", known: nil)?.first?.string("detail")
    }

    /// The exit code for a refusal of the authority.
    package static let refused: Int32 = 1
    /// The exit code when the authority cannot be reached.
    package static let unreachable: Int32 = 3

    private static func tls(
        _ options: AdminConnectionOptions,
        _ endpoint: HTTPEndpoint
    ) throws(ToolError) -> ClientTLS {
        guard let roots = options.rootsFile else { throw ToolError("--ca: an https URL needs a file with the roots") }
        do {
            let trust = try TrustStore(pem: try text(of: roots), atUnixSeconds: Int64(time(nil)))
            var identity: TLSIdentity?
            if let chain = options.certificateFile {
                guard let keyFile = options.keyFile else { throw ToolError("--cert: give --key, too") }
                let certificates = try CertificateChain(pem: Array(try text(of: chain).utf8))
                let key = try PrivateKey(pem: try ToolFile.readSecret(keyFile))
                identity = TLSIdentity(
                    certificateChain: certificates.certificates.map(\.der),
                    privateKey: key.derPKCS8,
                    dnsNames: []
                )
            }
            return try ClientTLS(
                verifier: ChainVerifier(trust: trust, purpose: .server),
                expecting: try requirement(endpoint.host),
                identity: identity
            )
        } catch let error as ToolError {
            throw error
        } catch {
            throw ToolError("the certificates cannot be used: \(error)")
        }
    }

    private static func text(of path: String) throws(ToolError) -> String {
        String(decoding: try ToolFile.read(path), as: UTF8.self)
    }

    private static func requirement(_ host: String) throws -> PeerNameRequirement {
        if let address = try? IPAddress(parsing: host) { return .address(address) }
        return .dns(try HostName(parsing: host))
    }

    private static func isLocal(_ host: String) -> Bool {
        host == "localhost" || host.hasPrefix("127.") || host == "::1" || host == "[::1]"
    }
}
