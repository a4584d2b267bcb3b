/// How a line of the access log is written.
package enum AccessLogForm: String, Sendable, CaseIterable {
    /// One JSON object.
    case json
    /// The form of Cloud Foundry's router: fields by position, then `name:"value"` pairs.
    case text
}
