/// The methods of the SPIFFE Workload API, by their paths: its service has no package.
package enum WorkloadMethod {
    /// The caller's X.509-SVIDs, as a stream.
    package static let fetchX509SVID = path("FetchX509SVID")
    /// The trust bundles of X.509, as a stream.
    package static let fetchX509Bundles = path("FetchX509Bundles")
    /// JWT-SVIDs of the caller for an audience.
    package static let fetchJWTSVID = path("FetchJWTSVID")
    /// The keys that JWT-SVIDs are verified with, as a stream.
    package static let fetchJWTBundles = path("FetchJWTBundles")
    /// Whether a JWT-SVID is good, and what it says.
    package static let validateJWTSVID = path("ValidateJWTSVID")
    /// WIT-SVIDs of the caller, as a stream.
    package static let fetchWITSVID = path("FetchWITSVID")
    /// The keys that WIT-SVIDs are verified with, as a stream.
    package static let fetchWITBundles = path("FetchWITBundles")

    /// The field of each request without which it is refused, so that no request can be forged through a proxy of
    /// HTTP (SPIFFE Workload Endpoint section 4.1); its only value is `true`.
    package static let securityField = "workload.spiffe.io"

    /// The environment variable that tells where the API is (SPIFFE Workload Endpoint section 4).
    package static let addressVariable = "SPIFFE_ENDPOINT_SOCKET"

    private static func path(_ method: String) -> String { "/SpiffeWorkloadAPI/\(method)" }
}
