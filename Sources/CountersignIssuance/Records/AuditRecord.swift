/// One line of the audit trail: who did what, and how it ended.
package struct AuditRecord: Sendable, Hashable {
    /// The position in the trail; 0 until it is stored.
    package var sequence: Int64
    /// When, in Unix seconds.
    package var date: Int64
    /// Who: a SPIFFE ID, a token's name, a key's name; `anonymous` when nobody was authenticated.
    package var actor: String
    /// The address of the caller, where there is one.
    package var address: String?
    /// What was tried, as `certificate.issue` or `service.delete`.
    package var action: String
    /// What it was tried on: a service, a serial number, a token's name.
    package var target: String
    /// Whether it was done.
    package var outcome: Outcome
    /// The reason of a refusal or a failure, or further facts; never a secret.
    package var detail: String

    /// How a call ended.
    package enum Outcome: String, Sendable, CaseIterable {
        case done
        case refused
        case failed
    }

    package init(
        sequence: Int64 = 0,
        date: Int64,
        actor: String,
        address: String? = nil,
        action: String,
        target: String,
        outcome: Outcome,
        detail: String = ""
    ) {
        self.sequence = sequence
        self.date = date
        self.actor = actor
        self.address = address
        self.action = action
        self.target = target
        self.outcome = outcome
        self.detail = detail
    }
}
