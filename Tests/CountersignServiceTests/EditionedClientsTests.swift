import CountersignService
import Synchronization
import Testing

/// Clients for editions: who is made, who is used, and who is ended, counted.
@Suite struct EditionedClientsTests {
    private final class Client: Sendable {}
    private struct Closed: Error {}

    private final class Journal: Sendable {
        private let entries = Mutex<[ObjectIdentifier]>([])

        func add(_ client: Client) { entries.withLock { $0.append(ObjectIdentifier(client)) } }

        var all: [ObjectIdentifier] { entries.withLock { $0 } }
    }

    private let started = Journal()
    private let retired = Journal()
    private let clients: EditionedClients<Client>

    init() {
        clients = EditionedClients(start: { [started] in started.add($0) }, retire: { [retired] in retired.add($0) })
    }

    private func begin(_ number: UInt64) throws -> ClientUse<Client> { try clients.begin(number) { Client() } }

    @Test func usesOfOneEditionShareItsClient() throws {
        let (first, second) = (try begin(1), try begin(1))
        #expect(first.client === second.client)
        first.end()
        second.end()
        #expect(try begin(1).client === first.client)
        #expect(started.all.count == 1 && retired.all.isEmpty)
    }

    @Test func aFormerClientIsEndedAfterItsLastUse() throws {
        let (first, second) = (try begin(1), try begin(1))
        let next = try begin(2)
        #expect(next.client !== first.client)
        first.end()
        first.end()
        #expect(retired.all.isEmpty)
        second.end()
        #expect(retired.all == [ObjectIdentifier(first.client)])
        next.end()
        #expect(retired.all.count == 1)
    }

    @Test func aClientThatIsNotUsedIsEndedWithTheNextEdition() throws {
        let first = try begin(1)
        first.end()
        #expect(retired.all.isEmpty)
        let next = try begin(2)
        #expect(retired.all == [ObjectIdentifier(first.client)])
        // Who asks by a number from before goes with what is there.
        #expect(try begin(1).client === next.client)
    }

    @Test func aUseThatIsLetGoIsOver() throws {
        _ = try begin(1)
        let held = try begin(2)
        #expect(retired.all.count == 1)
        _ = try begin(3)
        #expect(retired.all.count == 1)
        held.end()
        #expect(retired.all.count == 2)
    }

    @Test func howeverManyEditionsThereAreOneClientIsLeft() throws {
        for number in 1...100 as ClosedRange<UInt64> { try begin(number).end() }
        #expect(started.all.count == 100 && retired.all.count == 99)
        #expect(clients.close(Closed()).count == 1)
    }

    @Test func afterTheEndNothingBegins() throws {
        let (first, second) = (try begin(1), try begin(2))
        let left = clients.close(Closed())
        #expect(Set(left.map { ObjectIdentifier($0) }) == Set([first, second].map { ObjectIdentifier($0.client) }))
        #expect(throws: Closed.self) { try begin(3) }
        first.end()
        second.end()
        #expect(retired.all.isEmpty && clients.close(Closed()).isEmpty)
    }

    @Test func whatIsMadeInVainIsEnded() throws {
        // While one client is made, another use makes one of a later edition.
        let inner = Mutex<ClientUse<Client>?>(nil)
        let outer = try clients.begin(1) {
            let use = try begin(2)
            inner.withLock { $0 = use }
            return Client()
        }
        #expect(outer.client === inner.withLock { $0?.client })
        #expect(started.all.count == 1 && retired.all.count == 1)
        #expect(retired.all.first != ObjectIdentifier(outer.client))
    }
}
