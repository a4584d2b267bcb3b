/// Which processes of a host are a service: all that is given has to hold.
package struct WorkloadRule: Hashable, Sendable {
    /// The service whose identity the process gets.
    package let service: String
    /// The effective user that the process had when it connected; nil when any.
    package let userID: UInt32?
    /// The effective group that the process had when it connected; nil when any.
    package let groupID: UInt32?
    /// The absolute path of the program; nil when any.
    package let path: String?
    /// The SHA-256 digest of the program's file, 32 bytes; nil when any.
    package let sha256: [UInt8]?

    /// A rule; `nil` when nothing is asked of the process, as such a rule would make a service of everybody.
    package init?(service: String, userID: UInt32?, groupID: UInt32?, path: String?, sha256: [UInt8]?) {
        guard userID != nil || groupID != nil || path != nil || sha256 != nil else { return nil }
        self.service = service
        self.userID = userID
        self.groupID = groupID
        self.path = path
        self.sha256 = sha256
    }

    /// Whether a process is what the rule asks for; what costs most to find out is asked last.
    package func holds(for evidence: WorkloadEvidence) -> Bool {
        if let userID, userID != evidence.userID { return false }
        if let groupID, groupID != evidence.groupID { return false }
        // Bytes count: what merely looks the same is another path.
        if let path, !(evidence.path?.utf8.elementsEqual(path.utf8) ?? false) { return false }
        if let sha256, evidence.sha256() != sha256 { return false }
        return true
    }
}

/// What the system says about a process.
package struct WorkloadEvidence: Sendable {
    /// Its effective user.
    package var userID: UInt32
    /// Its effective group.
    package var groupID: UInt32
    /// The path of its program; nil where it is not certain, and then no rule that asks for a path holds.
    package var path: String?
    /// The digest of its program; nil where it cannot be had.
    ///
    /// Asked for only when everything else holds.
    package var sha256: @Sendable () -> [UInt8]?

    /// Evidence.
    package init(userID: UInt32, groupID: UInt32, path: String?, sha256: @escaping @Sendable () -> [UInt8]?) {
        self.userID = userID
        self.groupID = groupID
        self.path = path
        self.sha256 = sha256
    }
}

extension [WorkloadRule] {
    /// The services that a process is, in the order of the rules and each once: the first is its default.
    package func services(for evidence: WorkloadEvidence) -> [String] {
        var found: [String] = []
        for rule in self where !found.contains(rule.service) && rule.holds(for: evidence) { found.append(rule.service) }
        return found
    }
}
