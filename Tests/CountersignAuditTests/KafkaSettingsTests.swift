import Testing

@testable import CountersignAudit

/// How Kafka's client library is told, and what is told of that.
@Suite struct KafkaSettingsTests {
    private static let user = KafkaSettings.User(mechanism: "SCRAM-SHA-256", name: "audit", password: "hunter2")

    @Test func neitherKeysNorPasswordsAreShown() {
        let tls = KafkaSettings.TLS(authorities: "authorities", certificate: "certificate", key: "hunter2")
        let settings = KafkaSettings(brokers: ["kafka:9092"], topic: "audit", tls: tls, user: Self.user)
        var dumped = ""
        dump(settings, to: &dumped)
        dump(Self.user, to: &dumped)
        dump(tls, to: &dumped)
        for text in [dumped, "\(settings)", "\(Self.user)", "\(tls)", String(reflecting: settings)] {
            #expect(!text.contains("hunter2"), "\(text)")
        }
    }

    @Test func whatTheLibraryDoesNotTakeIsSaidWithoutSecrets() throws {
        let wake = try AuditWake()
        let tls = KafkaSettings.TLS(authorities: "no certificate", certificate: "none", key: "hunter2")
        let settings = KafkaSettings(brokers: ["kafka:9092"], topic: "audit", tls: tls, user: Self.user)
        let error = #expect(throws: KafkaError.self) { _ = try KafkaProducer(settings, wake: wake) }
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func goodSettingsAreTaken() throws {
        let settings = KafkaSettings(brokers: ["127.0.0.1:1"], topic: "audit", user: Self.user)
        let producer = try KafkaProducer(settings, wake: try AuditWake())
        _ = producer.events()
    }

    @Test(arguments: [
        ("{\"brokers\":{\"a\":{\"state\":\"UP\"}}}", true), ("{\"brokers\":{\"a\":{\"state\":\"DOWN\"}}}", false),
        ("{\"brokers\":{\"a\":{\"state\":\"DOWN\"},\"b\":{\"state\":\"UPDATE\"}}}", true), ("{\"brokers\":{}}", false),
        ("{}", false), ("[", false),
    ])
    func statisticsSayWhetherABrokerIsConnected(_ text: String, _ isConnected: Bool) {
        #expect(KafkaStatistics(text).isConnected == isConnected)
    }

    @Test(arguments: [
        ("{\"eos\":{\"producer_id\":7,\"producer_epoch\":3}}", KafkaStatistics.Producer(id: 7, epoch: 3)),
        ("{\"eos\":{\"producer_id\":-1,\"producer_epoch\":-1}}", nil), ("{\"eos\":{}}", nil), ("{}", nil),
    ])
    func statisticsSayWhatTheProducerIsKnownBy(_ text: String, _ producer: KafkaStatistics.Producer?) {
        #expect(KafkaStatistics(text).producer == producer)
    }
}
