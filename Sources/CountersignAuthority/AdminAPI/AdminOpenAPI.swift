import Crypto
import CountersignJSON
import CountersignPKI

/// The description of the admin API (OpenAPI 3.1), served by it.
enum AdminOpenAPI {
    /// The document.
    static let document = Array(OpenAPIDocument.admin.text.utf8)
    /// Its entity tag.
    static let entityTag = Hexadecimal.text(of: Array(SHA256.hash(data: document).prefix(16)))
}

enum OpenAPIDocument {
    static let admin = JSONValue.object([])
}
