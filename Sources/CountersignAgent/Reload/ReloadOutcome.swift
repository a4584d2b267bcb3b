/// What came of telling a consumer.
package enum ReloadOutcome: Sendable, Hashable {
    /// It was told, and the command ended with status 0; with what it printed.
    case done(output: String)
    /// It was not; with the reason and what the command printed.
    case failed(reason: String, output: String)
}
