/// How Kafka is reached.
public struct KafkaSettings: Sendable, Hashable {
    /// TLS toward the brokers.
    public struct TLS: Sendable, Hashable {
        /// The authorities of the brokers' certificates in PEM.
        public var authorities: String
        /// The certificate that is shown to brokers, with those above it, in PEM; nil for none.
        public var certificate: String?
        /// The private key of that certificate in PEM.
        public var key: String?

        /// Takes the parts.
        ///
        /// - Parameters:
        ///   - authorities: the authorities of the brokers' certificates in PEM.
        ///   - certificate: the certificate that is shown to brokers, with those above it, in PEM; nil for none.
        ///   - key: its private key in PEM.
        public init(authorities: String, certificate: String? = nil, key: String? = nil) {
            self.authorities = authorities
            self.certificate = certificate
            self.key = key
        }
    }

    /// A user of the brokers.
    public struct User: Sendable, Hashable {
        /// `PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`.
        public var mechanism: String
        /// The name.
        public var name: String
        /// The password.
        public var password: String

        /// Takes the parts.
        ///
        /// - Parameters:
        ///   - mechanism: `PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`.
        ///   - name: the name.
        ///   - password: the password.
        public init(mechanism: String, name: String, password: String) {
            self.mechanism = mechanism
            self.name = name
            self.password = password
        }
    }

    /// The brokers to begin with, `host:port`.
    package var brokers: [String]
    /// The topic.
    package var topic: String
    /// TLS; nil for plain text.
    package var tls: TLS?
    /// The user; nil for none.
    package var user: User?

    /// Takes the parts.
    package init(brokers: [String], topic: String, tls: TLS? = nil, user: User? = nil) {
        self.brokers = brokers
        self.topic = topic
        self.tls = tls
        self.user = user
    }
}

extension KafkaSettings: CustomStringConvertible, CustomReflectable {
    /// Brokers and topic; neither key nor password.
    public var description: String { "\(topic) at \(brokers.joined(separator: ", "))" }

    /// Nothing, so that neither key nor password is shown.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension KafkaSettings.TLS: CustomStringConvertible, CustomReflectable {
    /// Nothing of the key.
    public var description: String { "<tls>" }

    /// Nothing of the key.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension KafkaSettings.User: CustomStringConvertible, CustomReflectable {
    /// The name alone.
    public var description: String { name }

    /// Nothing of the password.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
