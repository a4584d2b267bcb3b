import CountersignAuthority
import CountersignPKI
import Synchronization

/// A place for certificates in memory; it can be made to fail.
final class MemoryPlace: CertificatePlace {
    struct NoRoom: Error {}

    private struct State {
        var kept: [String: KeptCertificate] = [:]
        var certificates: [String: [IssuedCertificate]] = [:]
        var bundle: String?
        var isFull = false
    }

    private let state = Mutex(State())

    /// Has every writing fail from now on, or none.
    func setFull(_ isFull: Bool) { state.withLock { $0.isFull = isFull } }

    /// Puts something in place as if it had always been there.
    func keep(_ kept: KeptCertificate, for service: String) { state.withLock { $0.kept[service] = kept } }

    /// What is in place.
    func kept(_ service: String) -> KeptCertificate? { state.withLock { $0.kept[service] } }

    /// Every certificate that was put in place, oldest first.
    func history(of service: String) -> [IssuedCertificate] { state.withLock { $0.certificates[service] ?? [] } }

    /// The trust bundle that was put in place.
    var bundle: String? { state.withLock { $0.bundle } }

    func load(_ service: String) -> KeptCertificate? { kept(service) }

    func put(_ certificate: IssuedCertificate, _ kept: KeptCertificate, for service: String) throws {
        try state.withLock { state in
            guard !state.isFull else { throw NoRoom() }
            state.kept[service] = kept
            state.certificates[service, default: []].append(certificate)
        }
    }

    func putTrustBundle(_ pem: String) throws {
        try state.withLock { state in
            guard !state.isFull else { throw NoRoom() }
            state.bundle = pem
        }
    }
}
