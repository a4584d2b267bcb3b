import CountersignIssuance
import Logging

extension AuthorityEngine {
    /// Records that the holders of a service's certificates are to renew them now, so that those who are away hear of it
    /// when they come back.
    ///
    /// Completes with the time of that, in Unix seconds, once it is durable. Of two rotations of a service within a second the
    /// later has the next second as its time, so that the time says which of them is meant.
    package func requestRotation(
        of service: String,
        by caller: Caller,
        completion: @escaping Completion<Int64>
    ) {
        let now = rotations.next(of: service, now: clock.now())
        let request = StoreChange.requestRotation(service: service, date: now)
        change("certificate.rotate", target: "service/\(service)", by: caller, [request]) { [self] in
            rotations.note(service, at: now)
            logger.notice("rotation asked for", metadata: ["service": "\(service)", "caller": "\(caller.name)"])
            completion(.success(now))
        } failure: {
            completion(.failure($0))
        }
    }
}
