public import CountersignService

/// Keeps a source up to date and prints what becomes of it, until the task is cancelled.
public func followRotations(of source: IdentitySource) async throws {
    say("identity \(source.current)")
    try await withThrowingTaskGroup { group in
        let events = source.events
        group.addTask { try await source.run() }
        group.addTask {
            for await event in events {
                switch event {
                case .rotated(let identity): say("rotated \(identity)")
                case .failed(let error): say("not rotated: \(error)")
                }
            }
        }
        try await group.waitForAll()
    }
}
