import ArgumentParser
import CountersignRuntime

extension CertsCommand {
    /// `countersign certs issue`.
    struct Issue: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have the running authority certify a key of this host for a service.",
            discussion: """
                The key is made here, written with mode 0600, and never sent. Names and lifetime are those of the \
                registration and its profile. It takes an operator's or an administrator's credentials, or a \
                certificate of the service itself.
                """
        )
        @OptionGroup var admin: AdminOptions
        @OptionGroup var wish: CertificateWish
        @Option(help: "The kind of key: p256, p384, rsa2048, rsa3072 or rsa4096.") var keyType = "p256"
        @Option(help: "A file for the private key.") var keyOut: String?
        @Option(help: "A file with the private key to certify, PEM; no key is made then.") var useKey: String?

        func validate() throws {
            try OnlyOnce.check("--key-type", "--key-out", "--use-key")
            try CertificateWish.checkOnlyOnce()
        }

        func run() throws {
            var order = wish.order(useKey.map { .file($0) } ?? .new(keyType))
            order.keyOutput = keyOut
            try admin.tool().issue(order).finish()
        }
    }

    /// `countersign certs sign`.
    struct Sign: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have the running authority sign a certificate request for a service.",
            discussion: """
                A request that names anything but what the service is registered with is refused. Without a place to \
                write to, the certificate is printed, with those above it.
                """
        )
        @OptionGroup var admin: AdminOptions
        @OptionGroup var wish: CertificateWish
        @Option(name: .customLong("csr"), help: "The certificate request, PEM or DER.") var request: String

        func validate() throws {
            try OnlyOnce.check("--csr")
            try CertificateWish.checkOnlyOnce()
        }

        func run() throws { try admin.tool().issue(wish.order(.request(request))).finish() }
    }
}

/// What a certificate is to be, and where it is put.
struct CertificateWish: ParsableArguments {
    @Argument(help: "The service.") var service: String
    @Option(help: "The profile; by default that of the registration.") var profile: String?
    @Option(help: "A shorter lifetime than the profile's, such as 30m, 1h or 7d.") var ttl: String?
    @Option(help: "A DNS name of the registration; all of them when absent. May be repeated.") var dns: [String] = []
    @Option(help: "A directory for cert.pem, key.pem and ca.pem.") var outDir: String?
    @Option(help: "A file for the certificate and those above it.") var certOut: String?
    @Flag(help: "Replace files that are there.") var force = false

    static func checkOnlyOnce() throws {
        try OnlyOnce.check("--profile", "--ttl", "--out-dir", "--cert-out")
    }

    func order(_ key: CertificateOrder.Key) -> CertificateOrder {
        var order = CertificateOrder(service: service, key: key)
        order.profile = profile
        order.lifetime = ttl
        order.dnsNames = dns
        order.outputDirectory = outDir
        order.certificateOutput = certOut
        order.force = force
        return order
    }
}
