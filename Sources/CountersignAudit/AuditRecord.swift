package import CountersignAuthentication
import CountersignTelemetry

/// One decision as it is kept: bounded, and without anything that is secret.
///
/// `docs/audit-event.schema.json` says what the JSON object looks like.
package struct AuditRecord: Sendable, Hashable {
    /// The version of the form.
    package static let version: Int64 = 1

    /// What is unique to the event, for those who get it twice.
    package let id: AuditIdentifier
    /// When, in Unix milliseconds.
    package let time: Int64
    /// The JSON object, on one line, with a line feed at its end.
    package let line: [UInt8]
    /// What belongs together: the caller, or else the certificate, or else the event alone.
    package let key: [UInt8]

    /// Writes an event down.
    ///
    /// - Parameters:
    ///   - event: the decision.
    ///   - source: which part of the product made it.
    ///   - id: of this event alone.
    package init(_ event: AuditEvent, source: AuditSource, id: AuditIdentifier) {
        self.id = id
        self.time = event.time
        let fields = [
            ("method", AuditText.bounded(event.method, 32)),
            ("host", AuditText.bounded(event.host, 255)),
            ("path", AuditText.bounded(event.path, 1024)),
        ]
        let caller = event.caller.map { AuditText.bounded($0, 512) }
        let isTruncated = fields.contains { $0.1.isCut } || caller?.isCut == true
        line = JSONObjectWriter.render { json in
            json.member("version", Self.version)
            json.member("id", id.text)
            json.member("time", AuditText.time(event.time))
            json.member("source", source.rawValue)
            json.member("event", event.isSuccess ? "mtls_auth_success" : "mtls_auth_failure")
            if let reason = event.reason { json.member(event.isSuccess ? "waived" : "reason", reason.rawValue) }
            json.member("mode", event.mode.rawValue)
            for field in fields { json.member(field.0, field.1.text) }
            if let thumbprint = event.thumbprint { json.member("thumbprint", AuditText.bounded(thumbprint, 64).text) }
            if let caller { json.member("caller", caller.text) }
            if isTruncated { json.member("truncated", true) }
        }
        key = Array((caller?.text ?? event.thumbprint.map { AuditText.bounded($0, 64).text } ?? id.text).utf8)
    }
}
