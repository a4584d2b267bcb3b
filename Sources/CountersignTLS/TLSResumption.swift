import CNIOBoringSSL

/// What a server gave a client so that its next session can be resumed; a secret.
///
/// It belongs to the context that it was made under: it stands for the identity that was presented then.
@safe
package final class TLSResumption {
    let pointer: OpaquePointer

    /// Takes over a reference to the library's session.
    init(owning pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    /// Whether it is for one session only, as in TLS 1.3: used twice, it would let others link the two (RFC 8446 appendix
    /// C.4).
    package var isSingleUse: Bool { unsafe SSL_SESSION_should_be_single_use(pointer) == 1 }

    deinit {
        unsafe SSL_SESSION_free(pointer)
    }
}
