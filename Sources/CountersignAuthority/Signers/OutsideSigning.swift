import CountersignIssuance
package import CountersignPKI
import CountersignTransport
import Synchronization

/// The way of certificates from an outside CA into the authority: asked for off the event loops, checked, counted.
package final class OutsideSigning: Sendable {
    /// Told after each call whether the outside CA did its work; nil for success.
    package typealias Observer = @Sendable (SignerFailure?) -> Void

    /// The outside CA.
    package let signer: any CertificateSigner
    private let check: SignedChainCheck
    private let work: BackgroundWork
    private let observer = Mutex<Observer>({ _ in })

    /// Signing by a CA elsewhere.
    ///
    /// - Parameters:
    ///   - signer: calls the CA.
    ///   - trust: the roots that its certificates have to lead to.
    ///   - concurrency: how many calls are made at once, 1 or more.
    ///   - limit: how many requests may wait for a call.
    package init(
        signer: any CertificateSigner,
        trust: TrustStore,
        concurrency: Int = 8,
        limit: Int = 512
    ) {
        self.signer = signer
        self.check = SignedChainCheck(trust: trust)
        self.work = BackgroundWork(name: "signer", maximumThreads: concurrency, limit: limit)
    }

    /// Has `observer` told from now on; it is called on threads of this value and must not block.
    package func observe(_ observer: @escaping Observer) {
        self.observer.withLock { $0 = observer }
    }

    private func tell(_ failure: SignerFailure?) {
        observer.withLock { $0 }(failure)
    }

    /// Runs what calls the outside CA, or answers false when too much is waiting.
    func run(_ job: @escaping BackgroundWork.Job) -> Bool {
        work.run(job)
    }

    /// Has a certificate made and checks it; blocks.
    ///
    /// - Throws: ``AuthorityError`` with `unavailable` or `signingFailed`.
    func sign(_ order: SigningOrder, now: Int64) throws(AuthorityError) -> OutsideCertificate {
        do throws(SignerFailure) {
            let certificate = try check.certificate(try signer.sign(order), for: order, now: now)
            tell(nil)
            return certificate
        } catch {
            tell(error.code == .refused ? nil : error)
            throw AuthorityError(error)
        }
    }

    /// Passes a revocation on; blocks.
    ///
    /// - Throws: ``SignerFailure``.
    func revoke(_ certificate: CertificateRecord, reason: RevocationReason) throws(SignerFailure) {
        try signer.revoke(certificate, reason: reason)
    }

    /// Finds out whether the outside CA is there, and tells the observer.
    package func probe() {
        _ = work.run { [self] in
            do throws(SignerFailure) {
                try signer.probe()
                tell(nil)
            } catch {
                tell(error)
            }
        }
    }
}

extension AuthorityError {
    /// A failure of an outside CA, as callers see it.
    init(_ failure: SignerFailure) {
        switch failure.code {
        case .unreachable: self.init(.unavailable, failure.message)
        default: self.init(.signingFailed, failure.message)
        }
    }
}
