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
        let chain = try Self.read(certificateChain)
        let key = privateKey == certificateChain ? chain : try Self.read(privateKey)
        let bundle = try Self.read(trustBundle)
        let lists = try revocationLists.map { path throws(ServiceIdentityError) in
            try Self.read(path, maximumBytes: RevocationList.maximumSize)
        }
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

    private static func read(
        _ path: String,
        maximumBytes: Int = PEMDocuments.maximumSize
    ) throws(ServiceIdentityError) -> [UInt8] {
        do throws(SystemError) {
            return try FileContent.read(path, maximumBytes: maximumBytes).bytes
        } catch {
            throw ServiceIdentityError(.file, error.description)
        }
    }

    private static let tries = 3
}
