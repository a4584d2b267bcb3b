import CountersignTelemetry
import CountersignTesting
import Foundation
import Logging
import Testing

@testable import CountersignAudit

/// The trail as a whole.
@Suite struct AuditTrailTests {
    private func trail(_ settings: AuditSettings, _ health: HealthState) throws -> AuditTrail {
        try AuditTrail(
            settings,
            source: .authz,
            metrics: AuditMetrics(registry: MetricsRegistry()),
            health: health,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    private func text(_ health: HealthState) -> String {
        String(decoding: health.fullReport().body, as: UTF8.self)
    }

    @Test func healthHasItsComponentFromTheStart() throws {
        let scratch = try ScratchFolder()
        var settings = AuditSettings()
        settings.file = AuditSettings.File(path: scratch.file("audit.jsonl"))
        let health = HealthState()
        #expect(!text(health).contains("audit"))
        let trail = try trail(settings, health)
        #expect(text(health).contains(#""audit":{"status":"ok"}"#))
        trail.stop(within: .zero)
    }

    @Test func healthSaysFromTheStartThatNoBrokerIsConnected() throws {
        let scratch = try ScratchFolder()
        var settings = AuditSettings()
        let kafka = KafkaSettings(brokers: ["127.0.0.1:1"], topic: "audit")
        settings.kafka = (kafka, AuditSettings.Spool(folder: scratch.file("spool")))
        let health = HealthState()
        let trail = try trail(settings, health)
        #expect(text(health).contains("no broker of Kafka is connected"))
        trail.stop(within: .zero)
    }
}
