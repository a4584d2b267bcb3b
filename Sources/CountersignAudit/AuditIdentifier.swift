import Synchronization

/// What is unique to an event: a random number of the process's run, and the event's number in it.
///
/// The numbers of a run have no holes, so that a reader of all of its events sees how many are missing.
package struct AuditIdentifier: Sendable, Hashable {
    /// Sixteen hexadecimal digits of the run, a hyphen, sixteen of the number.
    package let text: String

    private init(run: UInt64, number: UInt64) {
        text = "\(Self.digits(run))-\(Self.digits(number))"
    }

    /// Numbers the events of a run, from 1; for any thread.
    package final class Sequence: Sendable {
        private let run = UInt64.random(in: .min ... .max)
        private let last = Atomic<UInt64>(0)

        /// Begins a run.
        package init() {}

        /// The next identifier.
        package func next() -> AuditIdentifier {
            AuditIdentifier(run: run, number: last.wrappingAdd(1, ordering: .relaxed).newValue)
        }
    }

    private static func digits(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
