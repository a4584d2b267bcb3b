import CountersignConfiguration
import CountersignGRPCClient
import CountersignIdentity
import CountersignRouter
import CountersignTransport
import CountersignWorkload

extension WorkloadIdentitySource {
    /// Follows the API that a section names; nil when it names none.
    ///
    /// - Throws: `WorkloadError` when the environment names none, `SystemError` when no thread can be made.
    static func follow(
        _ section: MutualTLSSection,
        _ environment: (String) -> String?,
        presenting holder: UpstreamIdentityHolder,
        _ surroundings: Surroundings
    ) throws -> WorkloadIdentitySource? {
        guard let place = section.presentsWorkload, let trustDomain = section.trustDomain else { return nil }
        let text: String? = if case .socket(let path) = place { "unix:\(path)" } else { nil }
        return try WorkloadIdentitySource(
            try WorkloadClient.address(text, environment: environment),
            trustDomain: trustDomain,
            bundlePath: section.trustBundlePath,
            service: section.serviceName,
            holder: holder,
            surroundings: surroundings
        )
    }
}

extension MutualTLSSection {
    /// The Workload API that the process's own identity comes from, when it has one and it does.
    var presentsWorkload: WorkloadAPIPlace? { isEnabled ? workloadAPI : nil }
}
