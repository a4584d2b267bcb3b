package import CountersignConfiguration
import CountersignPKI

/// Checks what the files of the section `authority` hold, for `ConfigurationLoader`.
package enum AuthorityMaterial {
    /// What is wrong with the certificate and the key that sign; nothing when the file has no such section.
    ///
    /// - Parameters:
    ///   - configuration: what the file says.
    ///   - pems: the texts that it names.
    ///   - now: the current time in Unix seconds, at which the certificate must be valid.
    package static func problems(
        _ configuration: Configuration,
        _ pems: PEMMaterial,
        now: Int64
    ) -> [ConfigurationProblem] {
        guard let pair = configuration.authority?.intermediate, let chain = pems[pair.chain],
            let key = pems[pair.privateKey]
        else { return [] }
        do throws(PKIError) {
            _ = try IssuingAuthority(certificatePEM: Array(chain.utf8), keyPEM: Array(key.utf8), now: now)
            return []
        } catch {
            let isKey = [.encryptedKey, .malformedKey, .unsupportedKey, .keyMismatch].contains(error.code)
            return [(isKey ? pair.privateKey : pair.chain).problem(error.description)]
        }
    }
}
