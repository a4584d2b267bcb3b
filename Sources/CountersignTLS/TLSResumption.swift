import CNIOBoringSSL

/// What a server gave a client so that its next session can be resumed; a secret, used once.
///
/// It belongs to the context that it was made under: it stands for the identity that was presented then.
@safe
package final class TLSResumption {
    let pointer: OpaquePointer

    /// Takes over a reference to the library's session.
    init(owning pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe SSL_SESSION_free(pointer)
    }
}
