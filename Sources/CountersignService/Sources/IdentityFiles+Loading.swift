import CountersignFiles
import CountersignIdentity
import CountersignPKI
import CountersignTransport

extension IdentityFiles {
    /// Reads the files as they are now.
    ///
    /// - Throws: ``ServiceIdentityError``.
    func load(trustDomain: TrustDomain?, atUnixSeconds now: Int64) throws(ServiceIdentityError) -> WorkloadIdentity {
        var fault = ServiceIdentityError(.material, "the files change faster than they are read")
        // The files may be exchanged between two reads; what does not fit together is read again.
        for _ in 0..<Self.tries {
            do throws(ServiceIdentityError) {
                return try loadOnce(trustDomain, now)
            } catch {
                fault = error
            }
        }
        throw fault
    }

    private func loadOnce(_ trustDomain: TrustDomain?, _ now: Int64) throws(ServiceIdentityError) -> WorkloadIdentity {
        let key = try ServiceFile.readKey(privateKey, open: allowsOpenKey ? .anybody : .group)
        let chain = privateKey == certificateChain ? key : try ServiceFile.read(certificateChain)
        let bundle = try ServiceFile.read(trustBundle)
        let lists = try loadRevocationLists()
        do throws(ServiceIdentityError) {
            return try WorkloadIdentity(
                certificateChainPEM: chain,
                privateKeyPEM: key,
                trustBundlePEM: bundle,
                trustDomain: trustDomain,
                revocationListsPEM: lists,
                atUnixSeconds: now
            )
        } catch {
            throw ServiceIdentityError(
                error.code,
                "\(certificateChain), \(privateKey), \(trustBundle): \(error.message)"
            )
        }
    }

    private func loadRevocationLists() throws(ServiceIdentityError) -> [UInt8]? {
        guard let path = revocationLists else {
            guard !requiresRevocationLists else {
                throw ServiceIdentityError(
                    .setting,
                    "revocation lists are required; say in revocationLists which file has them"
                )
            }
            return nil
        }
        return mayLackRevocationLists && !requiresRevocationLists
            ? try ServiceFile.readIfThere(path, maximumBytes: RevocationList.maximumSize)
            : try ServiceFile.read(path, maximumBytes: RevocationList.maximumSize)
    }

    private static let tries = 3
}
