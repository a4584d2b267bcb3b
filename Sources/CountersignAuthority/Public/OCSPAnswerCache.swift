import CountersignPKI
import Crypto
import Synchronization

/// Signed OCSP answers about single certificates, sent again while they are fresh and the certificate's status stands.
///
/// Requests without a nonce take any answer that is new enough (RFC 5019 section 6.1); a signature for each would let
/// anybody have the key work without end. A changed status is never hidden: it is compared before an answer is used.
final class OCSPAnswerCache: Sendable {
    /// An answer with what identifies it.
    struct Answer: Sendable {
        /// What it says.
        let status: OCSPStatus
        /// The response in DER.
        let body: [UInt8]
        /// When it was signed, in Unix seconds.
        let thisUpdate: Int64
        /// An entity tag.
        let tag: String

        init(status: OCSPStatus, body: [UInt8], thisUpdate: Int64) {
            self.status = status
            self.body = body
            self.thisUpdate = thisUpdate
            self.tag = Hexadecimal.text(of: Array(SHA256.hash(data: body).prefix(16)))
        }
    }

    private let answers = Mutex<[OCSPCertificateID: Answer]>([:])
    private let freshSeconds: Int64
    private let capacity: Int

    /// - Parameters:
    ///   - freshSeconds: how old an answer may be when it is sent again.
    ///   - capacity: how many are kept; beyond it all are forgotten.
    init(freshSeconds: Int64, capacity: Int = 10_000) {
        self.freshSeconds = freshSeconds
        self.capacity = capacity
    }

    /// The answer that says `status` and is fresh; otherwise the one that `sign` makes.
    ///
    /// - Parameter now: the current time in Unix seconds.
    func answer(
        about id: OCSPCertificateID,
        status: OCSPStatus,
        now: Int64,
        sign: () throws(PKIError) -> [UInt8]
    ) throws(PKIError) -> Answer {
        let kept = answers.withLock { $0[id] }
        if let kept, kept.status == status, (0..<freshSeconds).contains(now - kept.thisUpdate) { return kept }
        let answer = Answer(status: status, body: try sign(), thisUpdate: now)
        // Serial numbers that nobody issued are without number, and would push the others out.
        guard status != .unknown else { return answer }
        answers.withLock { answers in
            if answers.count >= capacity, answers[id] == nil { answers.removeAll() }
            answers[id] = answer
        }
        return answer
    }
}
