import CountersignInboundAudit
import CountersignMiddleware
import CountersignTesting
import Glibc
import Testing

@Suite struct InboundAuditTrailTests {
    private typealias Kafka = InboundAuditDestinations.Kafka

    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private var path: String { "\(folder.path)/audit.jsonl" }

    /// Brokers that nobody is at.
    private var kafka: Kafka {
        Kafka(brokers: ["127.0.0.1:1"], topic: "audit", spoolPath: "\(folder.path)/spool")
    }

    /// What becomes of a request without a certificate.
    private func event(path: String = "/v1/things") throws -> InboundAudit {
        let authentication = try InboundAuthentication(InboundConfiguration(mode: .mtlsOnly))
        let call = InboundCall(
            address: try IPAddress(parsing: "192.0.2.7"),
            method: "GET",
            host: "orders.test",
            target: path,
            client: nil,
            fieldNames: [],
            values: { _ in [] }
        )
        return authentication.authenticate(call).1
    }

    @Test func anEventIsInTheFileAndNothingIsWrong() async throws {
        let trail = try InboundAuditTrail(InboundAuditDestinations(filePath: path))
        #expect(trail.keeps(try event()))
        await trail.stop()
        #expect(trail.problem == nil)
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 4_096)
        #expect(fgets(&line, Int32(line.count), file) != nil)
        #expect(strstr(line, "certificate_missing") != nil)
    }

    @Test func aTrailWhoseEventsAreLostSaysSo() async throws {
        var destinations = InboundAuditDestinations()
        var reached = kafka
        reached.maximumSpoolBytes = Kafka.spoolSizes.lowerBound
        destinations.kafka = reached
        destinations.refusesUnkept = true
        let trail = try InboundAuditTrail(destinations)
        let event = try event(path: "/" + String(repeating: "a", count: 1_000))
        var kept = 0
        while trail.keeps(event), kept < Kafka.spoolSizes.lowerBound { kept += 1 }
        #expect((1..<Kafka.spoolSizes.lowerBound).contains(kept))
        await trail.stop(within: .zero)
        #expect(trail.problem?.contains("lost") == true)
    }

    @Test func aTrailThatIsLetGoGivesItsFilesFree() async throws {
        var destinations = InboundAuditDestinations(filePath: path)
        destinations.kafka = kafka
        var trail: InboundAuditTrail? = try InboundAuditTrail(destinations)
        #expect(throws: InboundAuditError.self) { try InboundAuditTrail(destinations) }
        #expect(trail?.keeps(try event()) == true)
        trail = nil
        // Its thread is over, and lets go of what it held a moment later.
        var next: InboundAuditTrail?
        for _ in 0..<100_000 where next == nil {
            next = try? InboundAuditTrail(destinations)
            await Task.yield()
        }
        #expect(next?.keeps(try event()) == true)
    }

    @Test func settingsHaveBounds() throws {
        #expect(throws: InboundAuditError.self) { try InboundAuditTrail(InboundAuditDestinations()) }
        var destinations = InboundAuditDestinations(filePath: path)
        for interval in [Duration.zero, .milliseconds(9), .seconds(61)] {
            destinations.syncInterval = interval
            let error = #expect(throws: InboundAuditError.self) { try InboundAuditTrail(destinations) }
            #expect(error?.description.contains("syncInterval") == true)
        }
        destinations.syncInterval = .milliseconds(10)
        for size in [0, Kafka.spoolSizes.lowerBound - 1, Kafka.spoolSizes.upperBound + 1] {
            destinations.kafka = kafka
            destinations.kafka?.maximumSpoolBytes = size
            let error = #expect(throws: InboundAuditError.self) { try InboundAuditTrail(destinations) }
            #expect(error?.description.contains("maximumSpoolBytes") == true)
        }
        destinations.kafka?.maximumSpoolBytes = Kafka.spoolSizes.lowerBound
        _ = try InboundAuditTrail(destinations)
    }

    @Test func halvesOfSettingsAreRefused() throws {
        let halves: [(Kafka.TLS?, Kafka.User?, String)] = [
            (Kafka.TLS(authorities: "", certificate: "c"), nil, "no key"),
            (Kafka.TLS(authorities: "", key: "k"), nil, "no certificate"),
            (nil, Kafka.User(mechanism: "plain", name: "orders", password: "secret"), "PLAIN, SCRAM-SHA-256"),
        ]
        let trail = try InboundAuditTrail(
            {
                var destinations = InboundAuditDestinations()
                destinations.kafka = kafka
                return destinations
            }()
        )
        for (tls, user, words) in halves {
            var half = kafka
            (half.tls, half.user) = (tls, user)
            var destinations = InboundAuditDestinations(filePath: path)
            destinations.kafka = half
            for make in [{ _ = try InboundAuditTrail(destinations) }, { try trail.replace(half) }] {
                let error = #expect(throws: InboundAuditError.self) { try make() }
                #expect(error?.description.contains(words) == true)
            }
        }
    }

    @Test func brokersAreReachedByOtherSettingsWithTheSameSpoolAlone() throws {
        var destinations = InboundAuditDestinations(filePath: path)
        #expect(throws: InboundAuditError.self) { try InboundAuditTrail(destinations).replace(kafka) }
        destinations.filePath = nil
        destinations.kafka = kafka
        let trail = try InboundAuditTrail(destinations)
        var next = kafka
        next.user = Kafka.User(mechanism: "PLAIN", name: "orders", password: "secret")
        try trail.replace(next)
        next.spoolPath += "2"
        #expect(throws: InboundAuditError.self) { try trail.replace(next) }
    }

    @Test func whatIsShownHoldsNoSecret() {
        var settings = kafka
        settings.user = Kafka.User(mechanism: "PLAIN", name: "orders", password: "secret-1")
        settings.tls = Kafka.TLS(authorities: "a", certificate: "b", key: "secret-2")
        var shown = "\(settings) \(String(describing: settings.user)) \(String(describing: settings.tls))"
        dump(settings, to: &shown)
        dump(settings.tls, to: &shown)
        dump(settings.user, to: &shown)
        #expect(!shown.contains("secret") && shown.contains("orders"))
    }
}
