import CountersignJSON
import CountersignPKI

/// A token that was issued, for whoever asked for it: a secret.
package struct IssuedToken: Sendable {
    /// The token in compact form.
    package let token: String
    /// When it was made, in Unix seconds.
    package let issuedAt: Int64
    /// The second from which it is no longer good, in Unix seconds.
    package let expiresAt: Int64
    /// The service, its SPIFFE ID, and whom the token is for.
    let facts: [JSONValue.Member]

    /// The answer; `member` is the name that the token has in it.
    func json(_ member: String) -> JSONValue {
        .object(
            [
                .init(member, .string(token)),
                .init("expires_in", .number(expiresAt - issuedAt)),
                .init("expires_at", AdminJSON.time(expiresAt)),
            ] + facts
        )
    }
}
