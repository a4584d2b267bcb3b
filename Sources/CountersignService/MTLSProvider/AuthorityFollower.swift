import CountersignIdentity

/// Renews an identity from an authority in the same process.
struct AuthorityFollower: IdentityFollower {
    let authority: CertificateAuthority
    let configuration: MTLSConfiguration

    func issue() throws(ServiceIdentityError) -> WorkloadIdentity {
        let addresses = configuration.hostNames.compactMap { try? IPAddress(parsing: $0) }
        let names = configuration.hostNames.filter { (try? IPAddress(parsing: $0)) == nil }
        return try authority.issue(
            service: configuration.serviceName,
            namespace: configuration.namespace,
            lifetimeSeconds: configuration.certificateLifetimeSeconds,
            dnsNames: names,
            addresses: addresses
        )
    }

    func run(_ holder: IdentityHolder) async throws {
        while true {
            if holder.current.needsRenewal(atUnixSeconds: SystemClock.unixSeconds) { renew(holder) }
            let left = holder.current.renewalMoment - SystemClock.unixSeconds
            // Also when the authority could not issue, it is asked again after a pause.
            try await Task.sleep(for: .seconds(min(Self.interval, max(1, left))))
        }
    }

    private func renew(_ holder: IdentityHolder) {
        do throws(ServiceIdentityError) {
            holder.replace(try issue())
        } catch {
            holder.tell(error)
        }
    }

    /// How often it is looked whether a renewal is due, in seconds.
    private static let interval: Int64 = 30
}
