import Testing

@testable import CountersignRuntime

@Suite struct AuthzSharesTests {
    /// All descriptors that the listeners may come to have.
    private static func sum(_ shares: AuthzShares, hasGRPC: Bool) -> Int {
        (shares.threads + (hasGRPC ? 1 : 0)) * (shares.connections + 3) + shares.adminConnections
    }

    @Test(arguments: [false, true])
    func `what is given away is no more than there is`(hasGRPC: Bool) {
        for processors in [1, 2, 16, 256] {
            for descriptors in stride(from: 128, through: 20_000, by: 64) {
                let shares = AuthzShares(descriptors: descriptors, processors: processors, hasGRPC: hasGRPC)
                #expect(Self.sum(shares, hasGRPC: hasGRPC) <= descriptors, "\(descriptors) on \(processors)")
                #expect((1...processors).contains(shares.threads))
                #expect(shares.connections >= 32 && shares.adminConnections >= 8)
            }
        }
    }

    @Test func `few descriptors make few threads, not threads without room`() {
        let shares = AuthzShares(descriptors: 768, processors: 16, hasGRPC: true)
        #expect(shares.threads == 9 && shares.connections == 64 && shares.adminConnections == 96)
        #expect(!shares.isWhole(for: 16))
    }

    @Test func `with enough descriptors every share is whole`() {
        let wanted = AuthzShares(descriptors: 0, processors: 4, hasGRPC: true).wanted
        let shares = AuthzShares(descriptors: wanted, processors: 4, hasGRPC: true)
        #expect(shares.threads == 4 && shares.connections == 4_096 && shares.adminConnections == 512)
        #expect(shares.isWhole(for: 4))
        #expect(!AuthzShares(descriptors: wanted - 5, processors: 4, hasGRPC: true).isWhole(for: 4))
    }
}
