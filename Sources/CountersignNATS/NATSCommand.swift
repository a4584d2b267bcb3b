import CountersignJSON

/// What a client says, as bytes.
package enum NATSCommand {
    /// `PING`.
    package static let ping = Array("PING\r\n".utf8)
    /// `PONG`.
    package static let pong = Array("PONG\r\n".utf8)

    /// `CONNECT`, without acknowledgements and without an echo of what this client publishes.
    ///
    /// - Parameters:
    ///   - name: the client's name, which the server shows.
    ///   - version: the client's version.
    ///   - credentials: who it is; the bytes hold the secret.
    ///   - usesTLS: whether the connection has TLS.
    package static func connect(
        name: String,
        version: String,
        credentials: NATSCredentials,
        usesTLS: Bool
    ) -> [UInt8] {
        var members: [JSONValue.Member] = [
            .init("verbose", .bool(false)), .init("pedantic", .bool(false)), .init("tls_required", .bool(usesTLS)),
            .init("name", .string(name)), .init("lang", .string("swift")), .init("version", .string(version)),
            .init("protocol", .number(1)), .init("echo", .bool(false)),
        ]
        switch credentials {
        case .none: break
        case .user(let user, let password):
            members += [.init("user", .string(user)), .init("pass", .string(password))]
        case .token(let token): members.append(.init("auth_token", .string(token)))
        }
        return Array("CONNECT ".utf8) + JSONValue.object(members).compactBytes + Array("\r\n".utf8)
    }

    /// `SUB`: messages on a subject, which may have wildcards, as the subscription of a number.
    package static func subscribe(_ subject: String, number: Int) -> [UInt8] {
        Array("SUB \(subject) \(number)\r\n".utf8)
    }

    /// `PUB`: a message; `nil` for a subject that cannot be published on.
    package static func publish(_ subject: String, _ payload: [UInt8]) -> [UInt8]? {
        guard isSubject(subject) else { return nil }
        return Array("PUB \(subject) \(payload.count)\r\n".utf8) + payload + Array("\r\n".utf8)
    }

    /// Whether a text can stand in a line as a subject: it may come from a message.
    private static func isSubject(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 1024 && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }
}
