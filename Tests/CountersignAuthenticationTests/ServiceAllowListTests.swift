import CountersignAuthentication
import CountersignIdentity
import CountersignRouting
import Testing

@Suite struct ServiceAllowListTests {
    private func list() throws -> ServiceAllowList {
        ServiceAllowList([
            .init(
                caller: try CallerPattern(parsing: "orders"),
                host: try HostPattern(parsing: "users.internal"),
                methods: ["GET"],
                paths: try ["/v1/users", "/v1/users/*"].map(CallPath.init(parsing:))
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

    @Test func `a name is of one trust domain and namespace`() throws {
        let home = try ServiceDomain(trustDomain: TrustDomain(parsing: "prod.example"))
        let plain = try CallerPattern(parsing: "orders", in: home)
        let placed = try CallerPattern(parsing: "shop/orders", in: home)
        func fits(_ pattern: CallerPattern, _ id: String) throws -> Bool {
            let id = try SPIFFEID(parsing: id)
            return pattern.fits(CallerNames(spiffeID: id, service: CallerNames.service(of: id)))
        }
        #expect(try fits(plain, "spiffe://prod.example/ns/default/sa/orders"))
        #expect(try fits(plain, "spiffe://prod.example/service/orders"))
        #expect(try fits(placed, "spiffe://prod.example/ns/shop/sa/orders"))
        for id in [
            "spiffe://partner.example/ns/default/sa/orders", "spiffe://partner.example/service/orders",
            "spiffe://prod.example/ns/sandbox/sa/orders", "spiffe://prod.example/ns/default/sa/billing",
            "spiffe://prod.example/orders",
        ] {
            #expect(try !fits(plain, id) && !fits(placed, id))
        }
        #expect(try !fits(plain, "spiffe://prod.example/ns/shop/sa/orders"))
        #expect(try !fits(placed, "spiffe://prod.example/ns/default/sa/orders"))
        #expect(try !fits(placed, "spiffe://prod.example/service/orders"))
        #expect(plain.fits(CallerNames(service: "orders")) && !placed.fits(CallerNames(service: "orders")))
    }

    @Test func `without a home no SPIFFE ID has a name`() throws {
        let pattern = try CallerPattern(parsing: "orders")
        let id = try SPIFFEID(parsing: "spiffe://prod.example/ns/default/sa/orders")
        #expect(!pattern.fits(CallerNames(spiffeID: id, service: "orders")) && pattern.isNameAlone)
        #expect(pattern.fits(CallerNames(service: "orders")))
    }

    @Test(arguments: ["", "a b", "a/b", "/a", "a/", "a/b/c", "spiffe://", "spiffe://*/x", "..", "a:b"])
    func `what names nobody is refused`(text: String) {
        #expect(throws: IdentityError.self) { try CallerPattern(parsing: text) }
    }
}
