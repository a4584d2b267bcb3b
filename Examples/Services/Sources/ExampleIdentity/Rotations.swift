public import CountersignService

/// Keeps a source up to date and prints what becomes of it, until the task is cancelled.
public func followRotations(of source: IdentitySource) async throws {
    say("identity \(source.current)")
    try await withThrowingTaskGroup { group in
        let events = source.events
        group.addTask { try await source.run() }
        group.addTask { await tell(events) }
        try await group.waitForAll()
    }
}

/// Prints what becomes of an identity.
public func tell(_ events: AsyncStream<IdentityEvent>) async {
    for await event in events {
        switch event {
        case .rotated(let identity): say("rotated \(identity)")
        case .failed(let error): say("not rotated: \(error)")
        case .expiring(let identity, let left): say("expiring in \(left) seconds: \(identity)")
        case .expired(let identity): say("expired \(identity)")
        }
    }
}
