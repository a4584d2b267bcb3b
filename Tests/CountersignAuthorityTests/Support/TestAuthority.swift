import CountersignAuthority
import CountersignIdentity
import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import Dispatch
import Logging
import Synchronization

/// An engine with a store in memory, two services and a clock that tests move.
final class TestAuthority: Sendable {
    static let start: Int64 = 1_790_000_000
    static let trustDomain = "cluster.local"

    let engine: AuthorityEngine
    let inventory: MemoryInventory
    private let seconds: SharedSeconds

    /// - Parameters:
    ///   - inventory: that of an authority before it, for what is found again after a restart.
    ///   - now: the clock's time at first, in Unix seconds.
    init(
        inventory: MemoryInventory = MemoryInventory(),
        at now: Int64 = start,
        _ change: (inout AuthoritySettings) -> Void = { _ in }
    ) throws {
        self.inventory = inventory
        let domain = try TrustDomain(parsing: Self.trustDomain)
        let authority = try IssuingAuthority.ephemeral(trustDomain: domain, now: Self.start)
        var settings = AuthoritySettings(
            trustDomain: domain,
            domain: "link.internal",
            profiles: [
                IssuanceProfile(name: "default"), IssuanceProfile(name: "guarded", lifetimeSeconds: 86_400),
                IssuanceProfile(name: "also", lifetimeSeconds: 600),
            ],
            services: try Self.services()
        )
        change(&settings)
        let seconds = SharedSeconds(now)
        self.seconds = seconds
        self.engine = try AuthorityEngine(
            settings: settings,
            issuer: AuthorityIssuer(authority: authority),
            store: inventory,
            metrics: AuthorityMetrics(registry: MetricsRegistry()),
            clock: AuthorityClock(
                now: { seconds.value },
                monotonic: { UInt64(seconds.value) * 1_000_000_000 }
            ),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Revokes, and waits until that is done; returns the serial numbers of what was revoked.
    @discardableResult
    func revoke(_ order: RevocationOrder, by caller: Caller = Caller(.local("test"))) throws -> [String] {
        try wait { engine.revoke(order, by: caller, completion: $0) }.events.map(\.serial)
    }

    /// Registers a service, and waits until that is done.
    func put(_ service: ServiceRegistration, isNew: Bool) throws {
        _ = try wait { engine.put(service, isNew: isNew, by: Caller(.local("test")), completion: $0) }
    }

    /// Removes a service, and waits until that is done.
    func removeService(_ name: String) throws {
        try wait { engine.removeService(name, by: Caller(.local("test")), completion: $0) }
    }

    private func wait<Value: Sendable>(_ start: (@escaping AuthorityEngine.Completion<Value>) -> Void) throws -> Value {
        let done = DispatchSemaphore(value: 0)
        let outcome = Mutex<Result<Value, AuthorityError>?>(nil)
        start { result in
            outcome.withLock { $0 = result }
            done.signal()
        }
        done.wait()
        return try outcome.withLock { $0 }!.get()
    }

    /// Lets time pass.
    func advance(_ duration: Int64) { seconds.add(duration) }

    /// `web` with two DNS names and an address, and `ledger` of the profile `guarded`.
    static func services() throws -> [ServiceRegistration] {
        [
            ServiceRegistration(
                name: "web",
                spiffeID: try SPIFFEID(parsing: "spiffe://\(trustDomain)/ns/default/sa/web"),
                dnsNames: ["web.example.com", "www.example.com"],
                addresses: [try IPAddress(parsing: "192.0.2.7")],
                origin: .configuration
            ),
            ServiceRegistration(
                name: "ledger",
                spiffeID: try SPIFFEID(parsing: "spiffe://\(trustDomain)/ns/default/sa/ledger"),
                profile: "guarded",
                dnsNames: ["ledger.example.com"],
                origin: .configuration
            ),
        ]
    }

    /// A request with a key of its own.
    static func request(
        commonName: String? = nil,
        names: [AlternativeName] = [],
        key: PrivateKey? = nil
    ) throws -> SigningRequest {
        var builder = SigningRequestBuilder()
        if let commonName {
            let attribute = NameAttribute(.commonName, commonName)
            builder.subject = DistinguishedName(encodingOrder: [RelativeDistinguishedName([attribute])])
        }
        builder.names = names
        return try builder.request(for: try key ?? PrivateKey.generate(.p256))
    }
}

/// Seconds that are shared between threads.
final class SharedSeconds: Sendable {
    private let stored: Mutex<Int64>

    init(_ value: Int64) { stored = Mutex(value) }

    var value: Int64 { stored.withLock { $0 } }

    func add(_ duration: Int64) { stored.withLock { $0 += duration } }
}
