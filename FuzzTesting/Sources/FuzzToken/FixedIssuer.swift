import CountersignPKI
import CountersignTokens

/// What the fuzzer's tokens are judged by: one key whose private half nobody has any more, and the one token of it.
enum FixedIssuer {
    /// The moment of every verification: 2027-01-01T00:00:00Z.
    static let now: Int64 = 1_798_761_600

    /// The one token that passes.
    static let token = Array(
        """
        eyJhbGciOiJFUzI1NiIsImtpZCI6Ild4cjdQU3JPUVc0dmdkSUZDOWVaN2pLSmdLWjZJYmVRNjIwdjZxVVBkR2MiLCJ0eXAi\
        OiJhdCtqd3QifQ.eyJpc3MiOiJodHRwczovL2F1dGhvcml0eS50ZXN0Iiwic3ViIjoic3BpZmZlOi8vbGluay5pbnRlcm5hb\
        C9ucy9kZWZhdWx0L3NhL3dlYiIsImNsaWVudF9pZCI6IndlYiIsInNlcnZpY2VfaWQiOiJ3ZWIiLCJhdWQiOiJvcmRlcnMiL\
        CJyb2xlcyI6WyJyZWFkZXIiXSwic2NvcGUiOiJvcmRlcnM6cmVhZCIsImlhdCI6MTc5ODc2MTYwMCwibmJmIjoxNzk4NzYxN\
        jAwLCJleHAiOjE3OTg3NjE5MDAsImp0aSI6IjAwMDEiLCJjbmYiOnsieDV0I1MyNTYiOiJBNER0TDJKbVVNaEFzdkpqNXRLe\
        W42NFNxem11WGJNckphMG43NjF5NXYwIn19.Uk_mowlyjCgeg_mxCWDfesJtVqK1PMpMTX7p52nknZV8oc-B1gnb-sUwqoku\
        37xmcUrgT_ikhaH51DDEp0aUzQ
        """.utf8
    )

    /// The judges of service tokens and of tokens of any kind.
    static let verifiers: [TokenVerifier] = {
        guard let keys = try? JSONWebKeySet(parsing: Array(keySet.utf8)) else {
            preconditionFailure("the keys of the fuzzer cannot be read")
        }
        return [
            TokenVerifier(keys: keys, requirements: TokenRequirements(.service, audiences: ["orders"])),
            TokenVerifier(keys: keys, requirements: TokenRequirements(.bearer, audiences: ["orders"])),
        ]
    }()

    private static let keySet = """
        {"keys":[{"crv":"P-256","kty":"EC","x":"NYKnCEkSSHCEswIQwJmmfdzcjh-eiE2X4STqH8RoFLc","y":"BUW-H2\
        3sTDKAW9UL-TQKWmaKaoa9Hz_tb-kS7khopBs","kid":"Wxr7PSrOQW4vgdIFC9eZ7jKJgKZ6IbeQ620v6qUPdGc","use"\
        :"sig","alg":"ES256"}]}
        """
}
