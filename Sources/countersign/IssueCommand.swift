import ArgumentParser
import CountersignRuntime

/// `countersign issue`.
struct IssueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue",
        abstract: "Make a certificate with an authority from files, for a new key or for a request.",
        discussion: """
            Keys are written with mode 0600. Without any name option, --csr takes the names of the request. The status is \
            0 when everything was written, 1 when the authority refuses to sign, and 2 when an option or a file cannot be \
            used; nothing is written then.
            """
    )

    @Option(help: "The authority's certificate, then those above it, PEM.")
    var caCert: String

    @Option(help: "The authority's private key, PEM; refused when others may read it.")
    var caKey: String

    @Option(help: "The SPIFFE ID.")
    var spiffeID: String?

    @Option(help: "The trust domain for --service.")
    var trustDomain: String?

    @Option(help: "The namespace: with --service, spiffe://TRUST-DOMAIN/ns/NAMESPACE/sa/SERVICE.")
    var namespace: String?

    @Option(help: "The service; without --namespace, spiffe://TRUST-DOMAIN/service/SERVICE.")
    var service: String?

    @Option(help: "A DNS name. May be repeated.")
    var dns: [String] = []

    @Option(help: "An IP address. May be repeated.")
    var ip: [String] = []

    @Option(name: .customLong("cn"), help: "The common name; the service when absent.")
    var commonName: String?

    @Option(name: .customLong("org"), help: "The organization.")
    var organization: String?

    @Option(name: .customLong("ou"), help: "An organizational unit. May be repeated.")
    var organizationalUnit: [String] = []

    @Option(help: "The country, two letters as in DE.")
    var country: String?

    @Option(help: "The GUID of a Cloud Foundry app.")
    var cfApp: String?

    @Option(help: "The GUID of its space.")
    var cfSpace: String?

    @Option(help: "The GUID of its organization.")
    var cfOrg: String?

    @Option(help: "What the key is for: both, server or client.")
    var usage = "both"

    @Option(help: "How long it is valid, such as 30m, 1h or 90d; never longer than the authority.")
    var ttl = "1h"

    @Option(help: "The kind of key: p256, p384, rsa2048, rsa3072 or rsa4096.")
    var keyType = "p256"

    @Option(help: "Where the authority's revocation list is. May be repeated.")
    var crlURL: [String] = []

    @Option(help: "Where the authority answers OCSP. May be repeated.")
    var ocspURL: [String] = []

    @Option(name: .customLong("csr"), help: "A certificate request to sign, PEM or DER; no key is made then.")
    var request: String?

    @Option(help: "A directory for cert.pem, key.pem and ca.pem.")
    var outDir: String?

    @Option(help: "A file for the certificate and those above it.")
    var certOut: String?

    @Option(help: "A file for the private key.")
    var keyOut: String?

    @Flag(help: "Replace files that are there.")
    var force = false

    func validate() throws {
        try OnlyOnce.check("--ca-cert", "--ca-key", "--csr", "--out-dir", "--cert-out", "--key-out", "--key-type")
        try OnlyOnce.check("--spiffe-id", "--trust-domain", "--namespace", "--service", "--cn", "--org", "--country")
        try OnlyOnce.check("--cf-app", "--cf-space", "--cf-org", "--usage", "--ttl")
    }

    func run() throws {
        var arguments = IssueTool.Arguments(authorityCertificate: self.caCert, authorityKey: self.caKey)
        arguments.names = self.names
        arguments.keyKind = self.keyType
        arguments.request = self.request
        arguments.outputDirectory = self.outDir
        arguments.certificateOutput = self.certOut
        arguments.keyOutput = self.keyOut
        arguments.force = self.force
        try IssueTool.run(arguments, now: SystemTime.unixSeconds).finish()
    }

    private var names: IssueNames {
        var names = IssueNames()
        names.spiffeID = self.spiffeID
        names.trustDomain = self.trustDomain
        names.namespace = self.namespace
        names.service = self.service
        names.dnsNames = self.dns
        names.addresses = self.ip
        names.commonName = self.commonName
        names.organization = self.organization
        names.organizationalUnits = self.organizationalUnit
        names.country = self.country
        names.app = self.cfApp
        names.space = self.cfSpace
        names.cloudFoundryOrganization = self.cfOrg
        names.usage = self.usage
        names.lifetime = self.ttl
        names.revocationListURIs = self.crlURL
        names.ocspURIs = self.ocspURL
        return names
    }
}
