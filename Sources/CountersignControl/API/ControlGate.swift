package import CountersignHTTPServer
package import CountersignIssuance

/// Who may call the control plane; whoever serves its API knows.
package protocol ControlGate: Sendable {
    /// The caller of a call, if it may make it; every refusal is audited.
    ///
    /// - Throws: ``ControlError`` with status 401, 403 or 429.
    func caller(_ request: ServerRequest, for permission: ControlPermission) throws(ControlError) -> ControlCaller

    /// The router that wants to follow, if it is one.
    ///
    /// - Throws: ``ControlError`` with status 401 or 403.
    func router(_ request: ServerRequest) throws(ControlError) -> ControlCaller

    /// Whether one that was let in as a router still is one.
    func isRouter(_ caller: ControlCaller) -> Bool

    /// Notes a call that changes nothing: a reading, a refusal or a failure.
    func audit(
        _ action: String,
        target: String,
        by caller: ControlCaller,
        outcome: AuditRecord.Outcome,
        detail: String
    )
}
