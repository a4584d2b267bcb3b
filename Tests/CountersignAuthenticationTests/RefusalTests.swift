import CountersignAuthentication
import CountersignIdentity
import CountersignIdentityMapping
import CountersignJSON
import Testing

@Suite struct RefusalTests {
    @Test(arguments: RefusalCode.allCases)
    func `every refusal has its problem details and its challenge`(code: RefusalCode) throws {
        let refusal = AuthenticationRefusal(code, "what is wrong")
        let text = String(decoding: refusal.body, as: UTF8.self)
        #expect(text.hasPrefix("{\"type\":\"about:blank\",\"title\":\""))
        #expect(text.contains("\"status\":\(code.status)") && text.hasSuffix("\"code\":\"\(code.rawValue)\"}"))
        #expect(refusal.challenge.hasPrefix("Bearer realm=\"countersign\""))
        #expect(refusal.challenge.contains("error=") == (code != .tokenMissing && code != .auditUnavailable))
    }

    @Test func `a missing certificate and a mismatch are invalid tokens`() {
        for code in [RefusalCode.certificateMissing, .senderBindingMismatch] {
            let refusal = AuthenticationRefusal(code, "")
            #expect(refusal.status == 401)
            #expect(
                refusal.challenge
                    == "Bearer realm=\"countersign\", error=\"invalid_token\", error_description=\"\(code.rawValue)\""
            )
        }
    }

    @Test func `what is kept of a decision has the thumbprint and nothing that could be used`() throws {
        let scene = try Scene()
        let token = Scene.token(scene.thumbprint)
        let audit = try scene.judge([token, scene.header], target: "/users?secret=1").audit
        #expect(audit.isSuccess && audit.thumbprint == scene.thumbprint?.hexadecimal && audit.path == "/users")
        let text = audit.json.compact
        for secret in [token.1, String(token.1.dropFirst(7)), scene.header.1, "secret"] {
            #expect(!text.contains(secret))
        }
        let refused = try scene.judge([scene.header]).audit
        #expect(!refused.isSuccess && refused.reason == .tokenMissing && refused.caller == nil)
    }

    @Test func `callers without a rule are refused where the certificate is needed`() throws {
        var scene = try Scene(.mtlsOnly)
        func mapping(_ pattern: String) throws -> IdentityMapping {
            let pattern = try IdentityPattern(parsing: pattern, for: .spiffeID)
            let rule = try IdentityRule(
                name: "r",
                conditions: [.spiffeID(pattern)],
                template: try ARNTemplate(parsing: "arn:crud:iam::{ns}:service/{sa}")
            )
            return IdentityMapping(rules: [rule])
        }
        scene.settings.mapping = try mapping("spiffe://cluster.local/ns/{ns}/sa/{sa}")
        #expect(try scene.judge([scene.header]).result.get().names.arn == "arn:crud:iam::shop:service/orders")
        scene.settings.mapping = try mapping("spiffe://other.local/ns/{ns}/sa/{sa}")
        #expect(try scene.code([scene.header]) == .identityUnmapped)
        scene.settings.mode = .bearerPlusMTLSOptional
        #expect(try scene.judge([scene.header, Scene.token(nil)]).result.get().names.arn == nil)
    }
}
