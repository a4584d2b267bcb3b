import CountersignGRPC
import CountersignGRPCClient
import CountersignTransport
import CountersignWorkload
import Glibc
import Synchronization

/// Follows the X.509-SVIDs of a Workload API, on a thread of its own as its calls block.
///
/// When the API is away, it is called again after 1, 2, 4, … seconds, at most 30.
final class WorkloadAPIFollower: IdentityFollower {
    private let address: SocketAddress
    private let selection: WorkloadSelection

    init(_ endpoint: String?, _ selection: WorkloadSelection) throws(ServiceIdentityError) {
        do throws(WorkloadError) {
            self.address = try WorkloadClient.address(endpoint) { name in
                unsafe getenv(name).map { unsafe String(cString: $0) }
            }
        } catch {
            throw ServiceIdentityError(.setting, error.message)
        }
        self.selection = selection
    }

    /// The identity that the API gives now.
    func first(within timeout: Duration) async throws(ServiceIdentityError) -> WorkloadIdentity {
        let result = await withCheckedContinuation { continuation in
            start(orTell: { continuation.resume(returning: .failure($0)) }) { [self] in
                continuation.resume(returning: fetch(within: timeout))
            }
        }
        return try result.get()
    }

    func run(_ holder: IdentityHolder) async throws {
        let line = FollowingLine()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                start(
                    orTell: { error in
                        holder.tell(error)
                        continuation.resume()
                    },
                    { [self] in
                        follow(holder, line)
                        continuation.resume()
                    }
                )
            }
        } onCancel: {
            line.stop()
        }
        try Task.checkCancellation()
        throw ServiceIdentityError(.workloadAPI, "no thread could be made to follow the Workload API at \(address)")
    }

    private func start(orTell tell: (ServiceIdentityError) -> Void, _ body: @escaping @Sendable () -> Void) {
        do throws(SystemError) {
            try spawn(name: "workload-api", body)
        } catch {
            tell(ServiceIdentityError(.workloadAPI, error.description))
        }
    }

    private func fetch(within timeout: Duration) -> Result<WorkloadIdentity, ServiceIdentityError> {
        do {
            let stream = try WorkloadClient.call(WorkloadMethod.fetchX509SVID, at: address, timeout: timeout)
            defer { stream.cancel() }
            guard let message = try stream.next() else { throw WorkloadError("the Workload API ended its stream") }
            return .success(try selection.identity(in: message, atUnixSeconds: SystemClock.unixSeconds))
        } catch {
            return .failure(fault(of: error))
        }
    }

    private func follow(_ holder: IdentityHolder, _ line: FollowingLine) {
        var backoff = Backoff(first: .seconds(1), last: .seconds(30))
        var random = SystemRandomNumberGenerator()
        while !line.isStopped {
            do {
                let stream = try WorkloadClient.call(WorkloadMethod.fetchX509SVID, at: address)
                line.set(stream.canceller)
                defer { line.set(nil) }
                while let message = try stream.next() {
                    try holder.take(try selection.identity(in: message, atUnixSeconds: SystemClock.unixSeconds))
                    backoff.reset()
                }
                throw WorkloadError("the Workload API ended its stream")
            } catch {
                if line.isStopped { return }
                holder.tell(fault(of: error))
            }
            line.pause(backoff.next(&random))
        }
    }

    private func fault(of error: any Error) -> ServiceIdentityError {
        ServiceIdentityError(
            .workloadAPI,
            "the Workload API at \(address) gives no identity: \(PrintableText.escaped("\(error)"))"
        )
    }
}

/// A call that another thread may end.
private final class FollowingLine: Sendable {
    private let stopped = Completion()
    private let call = Mutex<GRPCCanceller?>(nil)

    var isStopped: Bool { stopped.wait(upTo: .zero) }

    func set(_ canceller: GRPCCanceller?) {
        call.withLock { $0 = canceller }
        if isStopped { canceller?.cancel() }
    }

    func stop() {
        stopped.finish()
        call.withLock { $0 }?.cancel()
    }

    func pause(_ duration: Duration) {
        _ = stopped.wait(upTo: duration)
    }
}
