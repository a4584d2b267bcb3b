/// Why the authority gave nothing.
package struct AuthorityCallError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of problem.
    package let code: Code
    /// One sentence for the operator; never a token or a key.
    package let message: String
    /// How long the authority wants to be left alone, in milliseconds.
    package let retryAfter: Int64?

    /// The kinds of problem.
    package enum Code: String, Sendable, CaseIterable {
        /// It cannot be reached, or did not answer in time.
        case unreachable
        /// What answered is not the authority: its certificate does not verify.
        case untrusted
        /// It does not accept the agent's certificate.
        case unauthorized
        /// It refused the request, such as one for a service that the agent may not have.
        case refused
        /// It certifies this key no more, such as one that was reported compromised.
        case keyRefused
        /// It cannot do its work for now, or wants to be asked less often.
        case unavailable
        /// Its answer is not what was asked for.
        case malformed
        /// This host has what is needed neither for asking nor for keeping the answer.
        case local
    }

    package init(_ code: Code, _ message: String, retryAfter: Int64? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    /// Whether the authority itself has said no, to the caller or to what was asked.
    package var isRefusal: Bool { code == .refused || code == .keyRefused || code == .unauthorized }

    package var description: String { message }
}
