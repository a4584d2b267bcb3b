#if AsyncHTTPClient
    import AsyncHTTPClient
    import Synchronization

    /// Shuts clients down that nobody uses any more.
    final class Retirement: Sendable {
        private let tasks = Mutex<[ObjectIdentifier: Task<Void, Never>]>([:])

        /// Begins to shut a client down; it lives until that is done.
        func begin(_ client: HTTPClient) {
            let key = ObjectIdentifier(client)
            tasks.withLock { tasks in
                tasks[key] = Task {
                    // It says what was cut off, and nothing was but by who ends all.
                    try? await client.shutdown()
                    self.tasks.withLock { _ = $0.removeValue(forKey: key) }
                }
            }
        }

        /// Waits until every client that was begun with has ended.
        func wait() async {
            for task in tasks.withLock({ Array($0.values) }) { await task.value }
        }
    }
#endif
