import CountersignJSON
import CountersignPKI
import CountersignTokens
import Crypto
import Synchronization

/// The public keys of tokens as everybody may have them; none where no tokens are issued.
package final class PublishedTokenKeys: Sendable {
    /// What is published at one time.
    struct Content: Sendable {
        /// The key set (RFC 7517).
        var document: [UInt8]
        /// The same keys as they stand in a SPIFFE bundle.
        var bundleKeys: [JSONValue]
        /// The entity tag of both.
        var tag: String
    }

    private let content = Mutex<Content?>(nil)

    /// What is published now; nil where no tokens are issued.
    var current: Content? { content.withLock { $0 } }

    /// Publishes these keys from now on.
    ///
    /// - Throws: `PKIError` with `unsupportedKey` for a key without a form for that.
    func publish(_ keys: JSONWebKeySet) throws(PKIError) {
        let document = try keys.json().compactBytes
        let bundleKeys = try keys.keys.map { (key) throws(PKIError) in try key.json(use: "jwt-svid") }
        let tag = Hexadecimal.text(of: Array(SHA256.hash(data: document).prefix(16)))
        content.withLock { $0 = Content(document: document, bundleKeys: bundleKeys, tag: tag) }
    }
}
