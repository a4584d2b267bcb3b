import CountersignRouting
import CountersignTesting
import Testing

@Suite struct BalancingTests {
    @Test func `endpoints are taken in turn`() {
        var balancer = RoundRobinBalancer()
        let taken = (0..<7).map { _ in balancer.next(count: 3) { _ in true } }
        #expect(taken == [0, 1, 2, 0, 1, 2, 0])
    }

    @Test func `a start moves the first one`() {
        var balancer = RoundRobinBalancer(start: 5)
        #expect(balancer.next(count: 3) { _ in true } == 2)
        var negative = RoundRobinBalancer(start: -1)
        #expect(negative.next(count: 3) { _ in true } != nil)
    }

    @Test func `unavailable endpoints are passed over`() {
        var balancer = RoundRobinBalancer()
        let taken = (0..<4).map { _ in balancer.next(count: 4) { $0 != 1 && $0 != 2 } }
        #expect(taken == [0, 3, 0, 3])
    }

    @Test func `without an available endpoint there is none`() {
        var balancer = RoundRobinBalancer()
        #expect(balancer.next(count: 3) { _ in false } == nil)
        #expect(balancer.next(count: 0) { _ in true } == nil)
        #expect(balancer.next(count: 3) { _ in true } == 0)
    }

    @Test func `the number of endpoints may change at any time`() {
        var balancer = RoundRobinBalancer()
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<1000 {
            let count = Int.random(in: 1...5, using: &generator)
            #expect((0..<count).contains(balancer.next(count: count) { _ in true } ?? -1))
        }
    }

    @Test func `retries go round and try none twice`() {
        var candidates = RetryCandidates(first: 2, count: 4, attempts: 9)
        #expect((0..<5).map { _ in candidates.next { _ in true } } == [2, 3, 0, 1, nil])
    }

    @Test func `retries end with the attempts, and only tried ones count`() {
        var candidates = RetryCandidates(first: 0, count: 9)
        #expect((0..<4).map { _ in candidates.next { $0 % 2 == 1 } } == [1, 3, 5, nil])
        var none = RetryCandidates(first: 0, count: 0)
        #expect(none.next { _ in true } == nil)
    }

    @Test func `an endpoint that failed is left out for its time`() {
        var ejections = EndpointEjections(count: 3, duration: 100)
        #expect(ejections.isAvailable(1, now: 10))
        ejections.recordFailure(1, now: 10)
        #expect(!ejections.isAvailable(1, now: 109))
        #expect(ejections.isAvailable(0, now: 109))
        #expect(ejections.isAvailable(1, now: 110))
    }

    @Test func `an endpoint that works again is taken at once`() {
        var ejections = EndpointEjections(count: 2, duration: 100)
        ejections.recordFailure(0, now: 0)
        ejections.recordSuccess(0)
        #expect(ejections.isAvailable(0, now: 1))
    }

    @Test func `when all failed none is left out`() {
        var ejections = EndpointEjections(count: 2, duration: 100)
        ejections.recordFailure(0, now: 0)
        #expect(!ejections.isAvailable(0, now: 50))
        ejections.recordFailure(1, now: 0)
        #expect(ejections.isAvailable(0, now: 50) && ejections.isAvailable(1, now: 50))
        ejections.recordSuccess(1)
        #expect(!ejections.isAvailable(0, now: 50) && ejections.isAvailable(1, now: 50))
    }

    @Test func `positions that do not exist are passed over`() {
        var ejections = EndpointEjections(count: 1, duration: 100)
        ejections.recordFailure(7, now: 0)
        ejections.recordSuccess(-1)
        #expect(ejections.isAvailable(7, now: 1) && ejections.isAvailable(0, now: 1))
    }
}
