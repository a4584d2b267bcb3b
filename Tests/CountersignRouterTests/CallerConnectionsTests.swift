import Testing

@testable import CountersignRouter

/// How many connections each user has, and all of those whom no rule names.
@Suite struct CallerConnectionsTests {
    private typealias Account = CallerConnections.Account

    @Test func `strangers share one bound, however many users they are`() {
        let connections = CallerConnections()
        let taken = (0..<100).filter { user in
            connections.take(Account(userID: user, kind: .stranger), limit: 32, strangers: 10)
        }
        #expect(taken.count == 10)
        for kind in [Account.Kind.served, .refused] {
            #expect(connections.take(Account(userID: 1, kind: kind), limit: 1, strangers: 10), "not a stranger")
        }
        connections.give(Account(userID: 0, kind: .stranger))
        #expect(connections.take(Account(userID: 99, kind: .stranger), limit: 32, strangers: 10))
        #expect(!connections.take(Account(userID: 98, kind: .stranger), limit: 32, strangers: 10))
    }

    @Test func `one user has as many as the limit says, and others are not among them`() {
        let connections = CallerConnections()
        let account = Account(userID: 1, kind: .served)
        #expect(connections.take(account, limit: 2) && connections.take(account, limit: 2))
        #expect(!connections.take(account, limit: 2))
        #expect(connections.take(Account(userID: 2, kind: .served), limit: 2))
        connections.give(account)
        #expect(connections.take(account, limit: 2))
    }
}
