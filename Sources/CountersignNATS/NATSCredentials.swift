/// How a client shows who it is, beside a certificate.
package enum NATSCredentials: Sendable, Equatable {
    /// Not at all.
    case none
    /// By a user and a password.
    case user(String, password: String)
    /// By a token alone.
    case token(String)
}
