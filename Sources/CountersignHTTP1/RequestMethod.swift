/// A request method, as far as a proxy must know it; methods are case-sensitive (RFC 9110 section 9.1).
package enum RequestMethod: UInt8, Equatable, Sendable {
    /// GET.
    case get
    /// HEAD: its response has no content, whatever the fields of it say.
    case head
    /// POST.
    case post
    /// PUT.
    case put
    /// DELETE.
    case delete
    /// CONNECT: asks for a tunnel.
    case connect
    /// OPTIONS.
    case options
    /// TRACE.
    case trace
    /// PATCH.
    case patch
    /// Any other well-formed method; its bytes are at ``RequestHead/methodRange``.
    case other

    /// Whether sending the request twice asks for nothing more than sending it once (RFC 9110 section 9.2.2).
    ///
    /// False for ``other``: nothing is known about it.
    package var isIdempotent: Bool {
        switch self {
        case .get, .head, .put, .delete, .options, .trace: true
        case .post, .connect, .patch, .other: false
        }
    }

    /// Recognises the method whose bytes, `length` of them, stand at the front of `word`.
    @inline(__always)
    init(word: ByteWord, length: Int) {
        self =
            switch (length, word.prefix(length).bits) {
            case (3, ByteWord("GET").bits): .get
            case (3, ByteWord("PUT").bits): .put
            case (4, ByteWord("HEAD").bits): .head
            case (4, ByteWord("POST").bits): .post
            case (5, ByteWord("PATCH").bits): .patch
            case (5, ByteWord("TRACE").bits): .trace
            case (6, ByteWord("DELETE").bits): .delete
            case (7, ByteWord("CONNECT").bits): .connect
            case (7, ByteWord("OPTIONS").bits): .options
            default: .other
            }
    }
}
