import CountersignAuthentication
import CountersignIdentity
import Testing

@Suite struct ServiceAllowListTests {
    private func list() throws -> ServiceAllowList {
        ServiceAllowList([
            .init(
                caller: try CallerPattern(parsing: "orders"),
                host: try HostPattern(parsing: "users.internal"),
                methods: ["GET"],
                paths: ["/v1/users", "/v1/users/*"]
            ),
            .init(caller: try CallerPattern(parsing: "spiffe://cluster.local/ns/ops/*")),
            .init(caller: try CallerPattern(parsing: "arn:crud:iam::partner:device/7"), methods: ["POST"]),
        ])
    }

    private func decision(
        _ caller: CallerNames,
        _ method: String = "GET",
        _ host: String = "users.internal",
        _ target: String = "/v1/users"
    ) throws -> ServiceAllowList.Decision {
        try list().decision(caller: caller, host: host, method: method, target: target)
    }

    @Test func `a service may do what an entry says`() throws {
        let orders = CallerNames(service: "orders")
        #expect(try decision(orders) == .allowed)
        #expect(try decision(orders, "GET", "Users.Internal:8443", "/v1/users/7?x=1") == .allowed)
        #expect(try decision(orders, "POST") == .notAllowed)
        #expect(try decision(orders, "get") == .notAllowed)
        #expect(try decision(orders, "GET", "other.internal") == .notAllowed)
        for target in [
            "/v1/usersx", "/v1", "/v1/users/../admin", "/v1/users/%2e%2e/admin", "/v1/users//x", "/v1/users/;x",
        ] {
            #expect(try decision(orders, "GET", "users.internal", target) == .notAllowed)
        }
    }

    @Test func `a caller that no entry names is not registered`() throws {
        #expect(try decision(CallerNames(service: "billing")) == .notRegistered)
        #expect(try decision(CallerNames()) == .notRegistered)
        #expect(try decision(CallerNames(arn: "orders")) == .notRegistered)
    }

    @Test func `callers are named by SPIFFE ID and ARN, too`() throws {
        let ops = CallerNames(spiffeID: try SPIFFEID(parsing: "spiffe://cluster.local/ns/ops/sa/deploy"))
        #expect(try decision(ops, "DELETE", "any.internal", "/x") == .allowed)
        let other = CallerNames(spiffeID: try SPIFFEID(parsing: "spiffe://other.local/ns/ops/sa/deploy"))
        #expect(try decision(other) == .notRegistered)
        let device = CallerNames(arn: "arn:crud:iam::partner:device/7")
        #expect(try decision(device, "POST") == .allowed)
        #expect(try decision(device, "GET") == .notAllowed)
    }

    @Test(arguments: ["", "a b", "a/b", "spiffe://", "spiffe://*/x", "..", "a:b"])
    func `what names nobody is refused`(text: String) {
        #expect(throws: IdentityError.self) { try CallerPattern(parsing: text) }
    }
}
