/// How Kafka is reached.
package struct KafkaSettings: Sendable, Hashable {
    /// TLS toward the brokers.
    package struct TLS: Sendable, Hashable {
        /// The authorities of the brokers' certificates, PEM.
        package var authorities: String
        /// The certificate that is shown to brokers, with its intermediates, PEM; nil for none.
        package var certificate: String?
        /// The certificate's key, PEM.
        package var key: String?

        /// Takes the parts.
        package init(authorities: String, certificate: String? = nil, key: String? = nil) {
            self.authorities = authorities
            self.certificate = certificate
            self.key = key
        }
    }

    /// A user of the brokers.
    package struct User: Sendable, Hashable {
        /// `PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`.
        package var mechanism: String
        /// The name.
        package var name: String
        /// The password.
        package var password: String

        /// Takes the parts.
        package init(mechanism: String, name: String, password: String) {
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
    package var description: String { "\(topic) at \(brokers.joined(separator: ", "))" }

    /// Nothing, so that neither key nor password is shown.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension KafkaSettings.TLS: CustomStringConvertible, CustomReflectable {
    /// Nothing of the key.
    package var description: String { "<tls>" }

    /// Nothing of the key.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension KafkaSettings.User: CustomStringConvertible, CustomReflectable {
    /// The name alone.
    package var description: String { name }

    /// Nothing of the password.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
