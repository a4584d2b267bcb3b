import CountersignConfiguration
import CountersignForwarding
import CountersignHTTPServer

/// A user and a password, as HTTP's basic authentication shows them (RFC 7617).
struct BasicCredentials: Sendable {
    /// What cannot be credentials.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private let expected: [UInt8]

    /// Takes a user and a password, neither of them empty.
    init(user: String, password: Secret) throws(Fault) {
        guard !user.isEmpty, !password.isEmpty else {
            throw Fault(description: "router.status: user or password is empty")
        }
        self.expected = Array("\(user):\(password.reveal())".utf8)
    }

    /// Whether a request shows them; how long the comparison takes tells nothing of them but their length.
    func areShown(by request: ServerRequest) -> Bool {
        guard let field = request.field("Authorization"), field.prefix(6).lowercased() == "basic " else { return false }
        let text = Array(field.dropFirst(6).utf8)
        guard let shown = try? Base64.decode(text.span), shown.count == expected.count else { return false }
        return zip(shown, expected).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
