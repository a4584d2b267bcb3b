import CountersignTokens
import Testing

@Suite struct VerifiedTokenCacheTests {
    @Test func `a token is held until its verification ends, and not under another text`() throws {
        let issuer = try TestIssuer()
        let text = try issuer.token(try issuer.claims)
        let token = try issuer.verifier().verify(text, atUnixSeconds: issuer.now).get()
        var cache = VerifiedTokenCache(capacity: 4)
        let digest = TokenDigest(of: text)
        func found(_ digest: TokenDigest, _ now: Int64) -> VerifiedToken? { cache.token(digest, atUnixSeconds: now) }
        #expect(found(digest, issuer.now) == nil)
        cache.insert(token, digest)
        #expect(found(digest, token.verifiedUntil) === token)
        #expect(found(TokenDigest(of: text + [0x41]), issuer.now) == nil)
        #expect(found(digest, token.verifiedUntil + 1) == nil)
        #expect(cache.count == 0)
    }

    @Test func `it never holds more than twice its capacity, and keeps what is asked for`() throws {
        let issuer = try TestIssuer()
        let text = try issuer.token(try issuer.claims)
        let token = try issuer.verifier().verify(text, atUnixSeconds: issuer.now).get()
        var cache = VerifiedTokenCache(capacity: 8)
        cache.insert(token, TokenDigest(of: text))
        for number in 0..<200 {
            cache.insert(token, TokenDigest(of: Array("\(number)".utf8)))
            #expect(cache.count <= 16)
            let held = cache.token(TokenDigest(of: text), atUnixSeconds: issuer.now)
            #expect(held != nil)
        }
    }
}
