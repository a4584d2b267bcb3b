import CountersignAuthentication
import CountersignIdentity
import Testing

@testable import CountersignAuthz

/// Decisions, and what is kept of them.
@Suite struct AuthzJudgeTests {
    private let counter = Records()

    private func ask(_ judge: AuthzJudge, _ fields: [String: String], path: String = "/a?b=c") throws -> InboundVerdict
    {
        judge.judge(
            InboundRequest(
                peer: try IPAddress(parsing: "127.0.0.1"),
                method: "GET",
                host: "crud.local",
                target: path,
                values: { name in fields[name].map { [$0] } ?? [] }
            ),
            fieldNames: Array(fields.keys)
        )
    }

    private static let caller = ["X-Client-Cert-Subject": "CN=orders", "X-Client-Cert-Serial": "0A1B"]

    @Test func everyDecisionIsKeptOnceAndCounted() throws {
        let judge = try counter.judge()
        _ = try ask(judge, Self.caller)
        _ = try ask(judge, [:])
        #expect(counter.events.map(\.isSuccess) == [true, false])
        #expect(counter.events.map(\.path) == ["/a", "/a"])
        #expect(counter.events.map(\.reason) == [nil, .certificateMissing])
        #expect(counter.metric("mtls_auth_success_total") == "1")
        #expect(counter.metric("mtls_auth_failure_total{reason=\"certificate_missing\"}") == "1")
    }

    @Test func whatCannotBeKeptIsRefusedWhoeverAsks() throws {
        let judge = try counter.judge()
        counter.keep(false)
        for fields in [Self.caller, [:]] {
            guard case .failure(let refusal) = try ask(judge, fields).result else {
                Issue.record("the request passed")
                continue
            }
            #expect(refusal.code == .auditUnavailable && refusal.status == 503)
        }
        #expect(counter.metric("mtls_auth_success_total") == "0")
        #expect(counter.metric("mtls_auth_failure_total{reason=\"audit_unavailable\"}") == "2")
        counter.keep(true)
        guard case .success = try ask(judge, Self.caller).result else {
            Issue.record("the request was refused")
            return
        }
    }

    @Test(arguments: [
        "X_Countersign_Identity", "x-countersign_mtls", "X_CLIENT_CERT_THUMBPRINT", "X.Countersign.Token.Subject",
        "ssl_client_cert", "X_Forwarded_Tls_Client_Cert", "Client_Cert", "X-Client-Cert_Subject",
    ])
    func namesThatServicesTakeForOthersAreRefusedAndKept(_ name: String) throws {
        let judge = try counter.judge()
        guard case .failure(let refusal) = try ask(judge, Self.caller.merging([name: "a"]) { $1 }).result else {
            Issue.record("the request passed")
            return
        }
        #expect(refusal.code == .invalidRequest && refusal.status == 400 && refusal.detail.contains(name))
        #expect(counter.events.map(\.reason) == [.invalidRequest])
        #expect(counter.metric("mtls_auth_failure_total{reason=\"invalid_request\"}") == "1")
    }

    @Test(arguments: ["X_Request_Id", "x-countersign-identity", "X-Countersign_Other", "_", "XCountersignIdentity"])
    func otherNamesPass(_ name: String) throws {
        guard case .success = try ask(try counter.judge(), Self.caller.merging([name: "a"]) { $1 }).result else {
            Issue.record("the request was refused")
            return
        }
    }

    @Test func otherSettingsCountFromTheNextRequestOn() throws {
        let judge = try counter.judge()
        let reader = ForwardedCertificateReader(headerName: "X-Client-Cert-Subject", format: .terminator)
        judge.replace(InboundAuthenticator(InboundSettings(mode: .mtlsOnly, reader: reader)))
        guard case .failure(let refusal) = try ask(judge, Self.caller).result else {
            Issue.record("nobody is trusted, and the request passed")
            return
        }
        #expect(refusal.code == .certificateMissing)
    }
}
