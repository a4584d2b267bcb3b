import CountersignRegistration
import CountersignRouting
import CountersignTelemetry
import Logging

extension RouteBusDesk {
    /// Counts what a message came to, and tells what of it is not acted upon.
    func note(_ report: RegistrationReport, _ kind: BusMessageKind) {
        if report.refused > 0 { reject(.full, "there are too many routes or endpoints", subject: "\(kind.text)") }
        if report.owned > 0 {
            reject(
                .ownedHost,
                "the file has routes of the host, and says alone what its paths are: "
                    + Self.example(report, .ownedHost, report.owned),
                subject: "\(kind.text)"
            )
        }
        if report.bound > 0 {
            let rule = "the control plane says who may call its hosts, and the options that were registered do not"
            let example = Self.example(report, .bound, report.bound)
            reject(.boundPolicy, "\(rule): \(example)", subject: "\(kind.text)")
        }
        if let first = report.faults.first {
            let more = report.faults.count > 1 ? " (and \(report.faults.count - 1) more)" : ""
            reject(.partly, first + more, subject: "\(kind.text)")
        }
        guard report.isChange, let updatedAt = report.updatedAt else { return }
        let lag = WallClock.nanoseconds() - updatedAt
        if lag >= 0 { metrics.lag.observe(nanoseconds: lag, shard: 0) }
    }

    /// The first route and endpoint that met a rule, with how many more of the message did.
    private static func example(_ report: RegistrationReport, _ outcome: RegistrationOutcome, _ count: Int) -> String {
        (report.firstRuled[outcome] ?? "") + (count > 1 ? " (and \(count - 1) more)" : "")
    }

    /// Counts a message that is not acted upon, and tells of it, within bounds: others decide how many there are.
    func reject(_ reason: BusRejection, _ explanation: String, subject: String) {
        metrics.rejected.add(reason, shard: 0)
        guard takeLogTurn() else { return }
        logger.warning(
            reason == .partly || reason == .boundPolicy ? "registration taken in part" : "message of the bus ignored",
            metadata: [
                "reason": .string("\(reason.text)"), "explanation": .string(String(explanation.prefix(400))),
                "subject": .string(subject),
            ]
        )
    }

    /// Whether one more line may be logged in this second.
    func takeLogTurn() -> Bool {
        guard logBudget > 0 else { return false }
        logBudget -= 1
        return true
    }
}
