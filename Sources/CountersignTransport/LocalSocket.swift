import Glibc

/// Listening sockets that are files.
package enum LocalSocket {
    /// Opens a listening socket at a path, in place of one that nobody listens on any more.
    ///
    /// - Parameters:
    ///   - path: where the file is made; its folder has to be there.
    ///   - mode: who may connect: those who may write to the file.
    /// - Throws: ``SystemError`` that names the path: EADDRINUSE when another process listens there, EEXIST when there is
    ///   something that is no socket.
    package static func listen(at path: String, mode: UInt32) throws(SystemError) -> Int32 {
        guard let address = SocketAddress(localPath: path) else {
            throw SystemError(action: "listen on unix:\(path)", code: ENAMETOOLONG)
        }
        try removeStale(path, address)
        let descriptor = try Socket.bind(to: address)
        // Nobody can connect before the socket listens, so nobody can before it has these rights.
        guard unsafe chmod(path, mode_t(mode)) == 0, Glibc.listen(descriptor, backlog) == 0 else {
            let error = SystemError(action: "listen on unix:\(path)")
            Socket.close(descriptor)
            unsafe unlink(path)
            throw error
        }
        return descriptor
    }

    /// Removes the file of a socket that this process listened on.
    package static func remove(_ path: String) {
        unsafe unlink(path)
    }

    private static func removeStale(_ path: String, _ address: SocketAddress) throws(SystemError) {
        var facts = stat()
        guard unsafe lstat(path, &facts) == 0 else { return }
        guard facts.st_mode & S_IFMT == S_IFSOCK else {
            throw SystemError(action: "listen on unix:\(path), where something else is", code: EEXIST)
        }
        // Whoever listens takes the connection; a file that a killed process has left refuses it.
        if let probe = try? Socket.connect(to: address) {
            Socket.close(probe)
            throw SystemError(action: "listen on unix:\(path), where another process listens", code: EADDRINUSE)
        }
        unsafe unlink(path)
    }

    private static let backlog: Int32 = 256
}
