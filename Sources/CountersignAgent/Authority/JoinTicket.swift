import CountersignPKI

/// What an agent is given so that it can join: a token, and where it was not told otherwise, whom to show it to.
package struct JoinTicket: Sendable {
    /// The secret.
    package var token: JoinToken
    /// The authorities that vouch for the server that may have it, in PEM; nil when the ticket names none.
    package var authorities: [UInt8]?

    package init(token: JoinToken, authorities: [UInt8]? = nil) {
        self.token = token
        self.authorities = authorities
    }

    /// Reads the content of a ticket's file: the token on the first line, then certificates in PEM where there are any.
    ///
    /// - Throws: ``AuthorityCallError`` with `local` that never repeats the content.
    package init(content: [UInt8]) throws(AuthorityCallError) {
        let line = content.prefix { $0 != UInt8(ascii: "\n") }
        let text = String(decoding: line, as: UTF8.self)
        guard let token = JoinToken(text.hasSuffix("\r") ? String(text.dropLast()) : text) else {
            throw AuthorityCallError(.local, "its first line is no join token")
        }
        let rest = Array(content[line.endIndex...])
        guard rest.contains(where: { $0 > 0x20 }) else {
            self.init(token: token)
            return
        }
        do {
            _ = try TrustStore(pem: rest)
        } catch {
            throw AuthorityCallError(.local, "what follows the join token is no authority's certificate: \(error)")
        }
        self.init(token: token, authorities: rest)
    }
}
