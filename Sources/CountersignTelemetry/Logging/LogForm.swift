/// How a log line is written.
package enum LogForm: String, Sendable, CaseIterable {
    /// One JSON object.
    case json
    /// Time, level, logger and message, then `name="value"` pairs.
    case text
}
