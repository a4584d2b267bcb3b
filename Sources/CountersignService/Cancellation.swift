/// The end of a task, for those that have nothing else to do.
enum Cancellation {
    /// Waits until the task is cancelled.
    ///
    /// - Throws: `CancellationError`, always.
    static func wait() async throws {
        let (never, continuation) = AsyncStream.makeStream(of: Void.self)
        for await _ in never {}
        continuation.finish()
        throw CancellationError()
    }
}
