import CountersignFiles
import CountersignIdentity
import CountersignTransport

/// Reads an identity's files again whenever one of them, or what leads to them, is exchanged.
///
/// Not every file system tells of changes, such as one that another host writes to; so the files are read slowly as well.
struct FileFollower: IdentityFollower {
    let files: IdentityFiles
    let trustDomain: TrustDomain?
    let interval: Duration

    func run(_ holder: IdentityHolder) async throws {
        let (changes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let watcher: FileWatcher
        do throws(SystemError) {
            watcher = try FileWatcher { continuation.yield() }
        } catch {
            throw ServiceIdentityError(.file, error.description)
        }
        defer { continuation.finish() }
        for fault in watcher.watch(files.paths) { holder.tell(ServiceIdentityError(.file, fault.description)) }
        // What changed before the watch began is not told of.
        take(into: holder)
        await withTaskGroup { group in
            group.addTask { [interval] in
                while (try? await Task.sleep(for: interval)) != nil { continuation.yield() }
            }
            for await _ in changes { take(into: holder) }
            group.cancelAll()
        }
        try Task.checkCancellation()
    }

    private func take(into holder: IdentityHolder) {
        do throws(ServiceIdentityError) {
            try holder.take(try files.load(trustDomain: trustDomain, atUnixSeconds: SystemClock.unixSeconds))
        } catch {
            holder.tell(error)
        }
    }
}
