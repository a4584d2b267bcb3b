import CountersignIdentity

/// How Kafka is reached: the section `audit.kafka`.
package struct KafkaSection: Sendable {
    /// A user of the brokers.
    package struct User: Sendable {
        /// How the user proves to be it.
        package enum Mechanism: String, CaseIterable, Hashable, Sendable {
            /// The password as it is.
            case plain = "PLAIN"
            /// RFC 7677.
            case scramSHA256 = "SCRAM-SHA-256"
            /// The same with SHA-512.
            case scramSHA512 = "SCRAM-SHA-512"
        }

        /// How the user proves to be it.
        package var mechanism: Mechanism

        /// The name.
        package var name: String

        /// The password, which is always in a file.
        package var password: SecretReference
    }

    /// The brokers to begin with, `host:port`; never empty after reading.
    package var brokers: [String] = []

    /// The topic.
    package var topic = ""

    /// Whether the connections use TLS.
    package var usesTLS = false

    /// The authorities of the brokers' certificates.
    package var authorities: [PEMReference] = []

    /// The certificate that is shown to the brokers; nil for none.
    package var certificate: CertificateSection?

    /// The user; nil for none.
    package var user: User?

    /// The section's defaults, without a broker.
    package init() {}
}

extension KafkaSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `brokers` (list of `host:port`, at least one)
    /// - `topic` (1...249 of letters, digits, `.`, `_` and `-`)
    /// - `tls_enabled` (boolean, default false), `ca_certs` (PEM, required with TLS), `cert_chain`, `private_key` (PEM, only
    ///   with TLS)
    /// - `sasl` (mapping: `mechanism`, `PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`; `username`; `password_file`; all
    ///   required)
    static func read(_ value: ValueReader) -> KafkaSection? {
        value.mapping("the keys of \"kafka\"") { reader in
            var section = KafkaSection()
            if let brokers = reader.required("brokers", "as in [kafka-1.internal:9093]") {
                let values = brokers.list(of: "brokers", atMost: 64)
                if values?.isEmpty == true { brokers.fail("the list is empty; name at least one broker") }
                section.brokers = values?.compactMap { $0.parsed("a broker", broker) } ?? []
            }
            section.topic = reader.required("topic", "the topic of the events")?.parsed("a topic", topic) ?? ""
            section.usesTLS = reader.boolean("tls_enabled", default: false)
            section.readTLS(reader)
            if let user = reader.value("sasl") {
                section.user = readUser(user)
                if !section.usesTLS { user.warn("the user is proved over connections in plain text") }
            }
            return section
        }
    }

    private mutating func readTLS(_ reader: MappingReader) {
        let values = ["ca_certs", "cert_chain", "private_key"].map(reader.value)
        guard usesTLS else {
            for value in values {
                value?.fail("the key needs tls_enabled: true; without it the brokers are reached in plain text")
            }
            return
        }
        authorities =
            reader.required("ca_certs", "the authorities of the brokers' certificates")?.pems(.certificates) ?? []
        let chain = values[1]?.pem(.certificates)
        let key = values[2]?.pem(.privateKey)
        if (values[1] == nil) != (values[2] == nil) {
            (values[1] ?? values[2])?.fail("cert_chain and private_key belong together; give both or neither")
        }
        if let chain, let key { certificate = CertificateSection(chain: chain, privateKey: key) }
    }

    private static func readUser(_ value: ValueReader) -> User? {
        value.mapping("\"mechanism\", \"username\" and \"password_file\"") { reader in
            let mechanism = reader.required("mechanism", "how the user is proved")?.choice(User.Mechanism.self)
            let name = reader.required("username", "the user")?.text()
            let file = reader.required("password_file", "the file with the user's password")
            guard let mechanism, let name, let file, let path = file.path() else { return nil }
            let password = SecretReference(source: .file(path), place: file.place)
            return User(mechanism: mechanism, name: name, password: password)
        }
    }

    private static func broker(_ text: String) throws(ConfigurationValueError) -> String {
        let failure = ConfigurationValueError(
            "expected a host and a port such as kafka-1.internal:9093, found \(IdentityError.excerpt(of: text))"
        )
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0
        else { throw failure }
        let host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        let bare = isBracketed ? host.dropFirst().dropLast() : host
        guard (try? HostName(parsing: String(bare))) != nil, bare.contains(":") == isBracketed else { throw failure }
        return "\(host):\(port)"
    }

    private static func topic(_ text: String) throws(ConfigurationValueError) -> String {
        let isTopic = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isTopic, text.utf8.count <= 249, text != ".", text != ".." else {
            throw ConfigurationValueError(
                "expected a topic of at most 249 letters, digits, \".\", \"_\" and \"-\", "
                    + "found \(IdentityError.excerpt(of: text))"
            )
        }
        return text
    }
}
