/// Where a signing key is in its life.
package enum TokenKeyState: Sendable, Hashable {
    /// It is published and does not sign yet.
    case next
    /// It signs since that moment, in Unix seconds.
    case current(since: Int64)
    /// It has signed until that moment, in Unix seconds, and is published until its last token has ended.
    case former(until: Int64)

    /// The state as a word.
    package var name: String {
        switch self {
        case .next: "next"
        case .current: "current"
        case .former: "former"
        }
    }
}

/// A signing key and where it is in its life.
package struct TokenKeyEntry: Sendable {
    /// The key.
    package let key: TokenSigningKey
    /// Since when it is published, in Unix seconds.
    package let publishedAt: Int64
    /// Where it is.
    package var state: TokenKeyState

    /// An entry.
    package init(_ key: TokenSigningKey, publishedAt: Int64, state: TokenKeyState) {
        self.key = key
        self.publishedAt = publishedAt
        self.state = state
    }
}
