import Crypto

/// Tokens that one verifier has accepted, by the digest of their text, until their verification no longer holds.
///
/// A workload shows its token with each request; the signature needs to be looked at once. Whoever changes the verifier
/// begins a new cache. Refusals are not kept: who sends them would decide what is forgotten for them.
package struct VerifiedTokenCache: Sendable {
    private var recent: [TokenDigest: VerifiedToken] = [:]
    private var older: [TokenDigest: VerifiedToken] = [:]
    private let capacity: Int

    /// A cache that holds about `capacity` tokens, and twice as many at most.
    package init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    /// How many tokens are held, those included that have ended and were not asked for since.
    package var count: Int { recent.count + older.count }

    /// The token with that text if it is held and its verification holds.
    package mutating func token(_ digest: TokenDigest, atUnixSeconds now: Int64) -> VerifiedToken? {
        guard let token = recent[digest] ?? older[digest] else { return nil }
        guard now <= token.verifiedUntil else {
            recent[digest] = nil
            older[digest] = nil
            return nil
        }
        if recent[digest] == nil { insert(token, digest) }
        return token
    }

    /// Takes a token that was verified.
    package mutating func insert(_ token: VerifiedToken, _ digest: TokenDigest) {
        if recent.count >= capacity {
            // What nobody has asked for since the last time goes.
            older = recent
            recent = [:]
        }
        recent[digest] = token
    }
}

/// The SHA-256 digest of a token's text, which stands for it where it is remembered.
package struct TokenDigest: Sendable, Hashable {
    private let first: UInt64
    private let second: UInt64
    private let third: UInt64
    private let fourth: UInt64

    /// The digest of a token.
    package init(of token: some Collection<UInt8>) {
        var words: [UInt64] = [0, 0, 0, 0]
        for (index, byte) in SHA256.hash(data: Array(token)).enumerated() {
            words[index / 8] = words[index / 8] << 8 | UInt64(byte)
        }
        (first, second, third, fourth) = (words[0], words[1], words[2], words[3])
    }
}
