import CountersignConfiguration
import CountersignPKI
import CountersignTokens

/// A key set that is fetched from a URL into a file, and what is told of tokens that it lacks a key for.
struct FollowedKeySet: Sendable {
    /// Where the keys come from and where they are kept.
    struct Source: Sendable, Hashable {
        /// The key set's URL.
        var url: String
        /// Who may vouch for the URL's host, in DER; empty without TLS.
        var authoritiesDER: [[UInt8]]
        /// The file that the keys are read from.
        var path: String
        /// The seconds between two looks.
        var refreshSeconds: Int64
    }

    let source: Source
    /// Is told of each token that names a key which is not there.
    let unknown = UnknownTokenKeys()

    /// What a section and the files that it names come to.
    ///
    /// - Returns: nil when an authority cannot be used; `problems` says why, unless the loader has.
    init?(
        _ section: KeySetSourceSection,
        path: String,
        _ pems: PEMMaterial,
        _ problems: inout [ConfigurationProblem]
    ) {
        var authorities: [[UInt8]] = []
        for reference in section.authorities {
            guard let text = pems[reference] else { return nil }
            do throws(PKIError) {
                authorities += try TrustStore(pem: text).authoritiesDER
            } catch {
                problems.append(reference.problem(error.description))
                return nil
            }
        }
        source = Source(
            url: section.url.description,
            authoritiesDER: authorities,
            path: path,
            refreshSeconds: section.refreshInterval.components.seconds
        )
    }
}
