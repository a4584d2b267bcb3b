import CountersignFiles
import CountersignPKI
import CountersignTransport

/// The file that holds the bundle of a federated trust domain, in PEM.
struct BundleFile: Sendable {
    let path: String

    /// What the file holds; nil when there is none.
    ///
    /// - Throws: ``BundleError`` when it is there and cannot be read.
    func read() throws(BundleError) -> [UInt8]? {
        guard ToolFile.exists(path) else { return nil }
        do {
            return try ToolFile.read(path)
        } catch {
            throw BundleError(error.message)
        }
    }

    /// Has the file hold the bundle; readers see the former one or this one, whole.
    ///
    /// - Returns: whether anything changed.
    /// - Throws: ``BundleError``.
    func update(_ bundle: SPIFFEBundle, from former: [UInt8]?) throws(BundleError) -> Bool {
        if let former, let known = try? SPIFFEBundle(pem: former),
            Set(known.authoritiesDER) == Set(bundle.authoritiesDER)
        {
            return false
        }
        do {
            try AtomicFile.write(Array(bundle.pem.utf8), to: path, mode: 0o644)
            return true
        } catch {
            throw BundleError("\(error)")
        }
    }
}
