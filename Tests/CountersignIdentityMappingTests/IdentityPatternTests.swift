import CountersignIdentityMapping
import Testing

@Suite struct IdentityPatternTests {
    private func captured(_ pattern: String, _ subject: IdentityPattern.Subject, _ value: String) throws -> [String]? {
        let pattern = try IdentityPattern(parsing: pattern, for: subject)
        guard case .match(let captures) = pattern.match(value) else { return nil }
        return captures.map(\.value)
    }

    @Test(arguments: [
        ("spiffe://a.example/ns/{ns}/sa/{sa}", "spiffe://a.example/ns/shop/sa/orders", ["shop", "orders"]),
        ("spiffe://a.example/ns/{_}/sa/{sa}", "spiffe://a.example/ns/shop/sa/orders", ["orders"]),
        ("spiffe://a.example/app-{name}", "spiffe://a.example/app-x.y_z-1", ["x.y_z-1"]),
        ("spiffe://a.example/{a}-{b}", "spiffe://a.example/x-y-z", ["x", "y-z"]),
    ])
    func `a SPIFFE ID is read as a whole`(pattern: String, value: String, captures: [String]) throws {
        #expect(try self.captured(pattern, .spiffeID, value) == captures)
    }

    @Test(arguments: [
        "spiffe://a.example/ns/shop/sa/orders/more", "spiffe://a.example/ns/shop/sa",
        "spiffe://a.example/ns//sa/orders",
        "spiffe://b.example/ns/shop/sa/orders", "xspiffe://a.example/ns/shop/sa/orders",
        "spiffe://a.example/ns/a/b/sa/c",
        "spiffe://a.example/ns/shop/sa/ord%65rs", "spiffe://a.example/ns/shop/sa/..",
    ])
    func `anything before, after or between is another value`(value: String) throws {
        #expect(try self.captured("spiffe://a.example/ns/{ns}/sa/{sa}", .spiffeID, value) == nil)
    }

    @Test func `DNS names have no case, and captures stay in their label`() throws {
        #expect(try self.captured("{s}.Internal.example", .dnsName, "Orders.INTERNAL.example") == ["orders"])
        for value in ["a.b.internal.example", "*.internal.example", "orders.internal.example.", ".internal.example"] {
            #expect(try self.captured("{s}.internal.example", .dnsName, value) == nil)
        }
    }

    @Test(arguments: [
        "a:b", "a/b", "a*", "a b", "a\u{0}b", "a\u{0}", "\u{0430}dmin", "a\u{301}", "", ".", "..", "a,OU=b", "a%2Fb",
        "a\n",
        String(repeating: "a", count: 129),
    ])
    func `a capture takes nothing that means something elsewhere`(value: String) throws {
        #expect(try self.captured("{name}", .attribute, value) == nil)
        #expect(try self.captured("x-{name}", .attribute, "x-\(value)") == nil)
        #expect(try self.captured("{name}", .attribute, "plain.Value_1-2") == ["plain.Value_1-2"])
    }

    @Test func `literals are compared byte by byte, with case and without normalization`() throws {
        #expect(try self.captured("Grüße, Inc.", .attribute, "Grüße, Inc.") == [])
        #expect(try self.captured("Grüße, Inc.", .attribute, "Gru\u{308}ße, Inc.") == nil)
        #expect(try self.captured("Partner", .attribute, "partner") == nil)
    }

    @Test(arguments: [
        "{a}{b}", "{a", "a}", "{}", "{A}", "{1}", "{a b}", "{a}x{a}", "", "{\(String(repeating: "a", count: 33))}",
    ])
    func `a pattern that cannot be meant is refused`(pattern: String) {
        #expect(throws: MappingError.self) { try IdentityPattern(parsing: pattern, for: .attribute) }
    }

    @Test(arguments: [
        "spiffe://{td}/ns/a", "spiffe://a.{td}/ns/a", "spiffe://a.example", "https://a.example/{x}", "{all}",
        "spiffe://a.example/*", "spiffe://a.example/{x}?y", "spiffe://a.example/{x}/", "spiffe://A.example/{x}",
    ])
    func `a pattern that no workload's SPIFFE ID can match is refused`(pattern: String) {
        #expect(throws: MappingError.self) { try IdentityPattern(parsing: pattern, for: .spiffeID) }
    }
}
