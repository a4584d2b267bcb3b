import CountersignRouter

/// How far a router has followed its authority's revocations, and what the next message means at that point.
///
/// Nothing that comes late, twice or from an older state of the authority ever releases a certificate.
struct RevocationPosition: Sendable {
    /// What is to be done about a message, in this order.
    struct Outcome: Sendable {
        /// The changes to make.
        var changes: [RevocationChange] = []
        /// How long the changes had been on their way when the authority told of them, in microseconds.
        var elapsedMicroseconds: Int64 = 0
        /// All revocations up to now are known.
        var isComplete = false
        /// Why the messages do not fit together, so that everything has to be asked for anew.
        var disorder: String?
    }

    /// The authority's epoch, which changes when its order of events begins anew; nil before the first snapshot.
    private(set) var epoch: String?
    /// Whether everything has to be asked for.
    private(set) var needsSnapshot = true
    /// The last event that was taken in; 0 before the first snapshot.
    private(set) var sequence: Int64 = 0
    /// The last event that the authority is known to have.
    private var latest: Int64 = 0

    /// Where to go on; nil when everything has to be asked for.
    var known: (epoch: String, sequence: Int64)? {
        guard !needsSnapshot, let epoch else { return nil }
        return (epoch, sequence)
    }

    /// Takes a message in.
    mutating func take(_ message: RevocationMessage) -> Outcome {
        switch message {
        case .snapshot(let epoch, let sequence, let entries): return takeSnapshot(epoch, sequence, entries)
        case .resumed(let epoch, let sequence):
            guard !needsSnapshot, epoch == self.epoch else {
                return restart("it resumed in the epoch \(epoch), of which nothing is known")
            }
            latest = max(latest, sequence)
            return Outcome(isComplete: self.sequence >= latest)
        case .event(let event): return takeEvent(event)
        case .heartbeat(let sequence):
            guard !needsSnapshot else { return restart("it said nothing of what is revoked") }
            latest = max(latest, sequence ?? 0)
            guard self.sequence >= latest else {
                return restart("it is at event \(latest), and \(self.sequence) was the last to come")
            }
            return Outcome(isComplete: true)
        case .unrelated: return Outcome()
        }
    }

    private mutating func takeSnapshot(
        _ epoch: String,
        _ sequence: Int64,
        _ entries: [RevokedCertificate]
    ) -> Outcome {
        if epoch == self.epoch, sequence < self.sequence {
            // An answer of the past knows less than is known here: what it revokes is taken, what it lacks is not released.
            var outcome = restart(
                "its snapshot of event \(sequence) is older than event \(self.sequence), which came before"
            )
            outcome.changes = entries.map { .revoke($0) }
            return outcome
        }
        needsSnapshot = false
        self.epoch = epoch
        self.sequence = sequence
        latest = sequence
        return Outcome(changes: [.replaceAll(entries)], isComplete: true)
    }

    private mutating func takeEvent(_ event: RevocationMessage.Event) -> Outcome {
        guard !needsSnapshot else { return restart("events came before a snapshot") }
        guard event.sequence > sequence else { return Outcome() }
        guard event.sequence == sequence + 1 else {
            // A revocation bites at once, whatever else is missing; a release must wait for the whole.
            var outcome = restart("event \(event.sequence) followed event \(sequence)")
            if case .revoke = event.change { outcome.changes = [event.change] }
            outcome.elapsedMicroseconds = event.elapsedMicroseconds
            return outcome
        }
        sequence = event.sequence
        return Outcome(
            changes: [event.change],
            elapsedMicroseconds: event.elapsedMicroseconds,
            isComplete: sequence >= latest
        )
    }

    /// Has everything asked for anew, after something that could not be understood.
    mutating func distrust() {
        needsSnapshot = true
    }

    private mutating func restart(_ disorder: String) -> Outcome {
        distrust()
        return Outcome(disorder: disorder)
    }
}
