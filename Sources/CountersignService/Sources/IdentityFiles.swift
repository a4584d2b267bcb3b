/// The files of an identity that something else writes and rotates: the agent, a Kubernetes secret, cert-manager.
///
/// They are exchanged together: a link or a folder of their path that is pointed at the next generation is followed, and a
/// pair of certificate and key that does not match is never taken.
public struct IdentityFiles: Sendable, Hashable {
    /// The certificate and those above it in PEM, leaf first.
    public var certificateChain: String
    /// The private key in PEM; may be the same file as ``certificateChain``.
    public var privateKey: String
    /// The authorities that may vouch for peers, in PEM.
    public var trustBundle: String
    /// Revocation lists of those authorities in PEM; nil when revocation is not looked at.
    public var revocationLists: String?
    /// Whether everybody on the host may read the private key; false refuses such a key.
    public var allowsOpenKey = false
    /// Whether there is no identity without revocation lists, also where their file may be missing.
    public var requiresRevocationLists = false
    /// Whether the file of revocation lists may be missing at first, which means that revocation is not looked at until it comes.
    var mayLackRevocationLists = false

    /// Names the files.
    ///
    /// - Parameters:
    ///   - certificateChain: the certificate and those above it in PEM, leaf first.
    ///   - privateKey: the private key in PEM.
    ///   - trustBundle: the authorities that may vouch for peers, in PEM.
    ///   - revocationLists: revocation lists of those authorities in PEM; nil when revocation is not looked at.
    public init(certificateChain: String, privateKey: String, trustBundle: String, revocationLists: String? = nil) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
        self.trustBundle = trustBundle
        self.revocationLists = revocationLists
    }

    /// What `countersign agent` keeps for a service in its certificate directory (`cert_dir`).
    ///
    /// Its revocation lists are looked at where it keeps them (`agent.revocation_lists`); set ``requiresRevocationLists`` where it does,
    /// so that there is no identity before its first list.
    ///
    /// - Parameters:
    ///   - directory: the certificate directory.
    ///   - service: the name of the service, which is that of its folder.
    public static func agentDirectory(_ directory: String, service: String) -> IdentityFiles {
        var files = IdentityFiles(
            certificateChain: "\(directory)/\(service)/identity.pem",
            privateKey: "\(directory)/\(service)/identity.pem",
            trustBundle: "\(directory)/ca.pem",
            revocationLists: "\(directory)/crl.pem"
        )
        files.mayLackRevocationLists = true
        return files
    }

    /// A mounted Kubernetes secret of the type `kubernetes.io/tls`, as cert-manager fills it: `tls.crt`, `tls.key`, `ca.crt`.
    ///
    /// Its files are open to everybody unless `defaultMode` says otherwise; who can see them is who is in the container.
    ///
    /// - Parameter directory: where it is mounted.
    public static func kubernetesSecret(_ directory: String) -> IdentityFiles {
        var files = IdentityFiles(
            certificateChain: "\(directory)/tls.crt",
            privateKey: "\(directory)/tls.key",
            trustBundle: "\(directory)/ca.crt"
        )
        files.allowsOpenKey = true
        return files
    }

    /// Every file, each once.
    var paths: [String] {
        [certificateChain, privateKey, trustBundle, revocationLists].compactMap(\.self).reduce(into: []) {
            paths,
            path in
            if !paths.contains(path) { paths.append(path) }
        }
    }
}
