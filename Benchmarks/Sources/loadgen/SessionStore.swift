import CNIOBoringSSL

/// The newest session that a server gave a ticket for.
///
/// SAFETY: one thread runs the whole load, and the callback that fills this is called on it.
enum SessionStore {
    // SAFETY: see above.
    nonisolated(unsafe) private(set) static var latest: OpaquePointer?

    /// Takes ownership of the session.
    static func replace(with session: OpaquePointer?) {
        if let old = latest {
            SSL_SESSION_free(old)
        }
        latest = session
    }
}
