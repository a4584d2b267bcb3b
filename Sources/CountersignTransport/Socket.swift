import CCountersignSystem
import Glibc

/// What a non-blocking read or write came to.
package enum TransferResult: Equatable {
    /// This many bytes were moved; at least one.
    case bytes(Int)
    /// Nothing can be moved before the socket is ready again.
    case wouldBlock
    /// The peer has ended its direction (reading only).
    case endOfStream
    /// The connection is gone; the value is `errno`.
    case failed(Int32)
}

/// What taking a connection off an accept queue came to.
package enum AcceptResult {
    case connection(Int32, SocketAddress)
    /// No connection waits, or it was gone before it was taken.
    case none
    /// The system has no descriptor or memory left; the connection still waits.
    case exhausted
}

/// Operations on non-blocking stream sockets of TCP and Unix, named by their descriptor.
package enum Socket {
    /// Opens a listening socket.
    ///
    /// `shared` lets several loops listen on the same address, each with its own accept queue.
    ///
    /// - Throws: ``SystemError`` that names the address.
    package static func listen(
        on address: SocketAddress,
        shared: Bool,
        backlog: Int32 = 4096
    ) throws(SystemError) -> Int32 {
        let fd = try bind(to: address, shared: shared)
        guard Glibc.listen(fd, backlog) == 0 else {
            let error = SystemError(action: "listen on \(address)")
            Glibc.close(fd)
            throw error
        }
        return fd
    }

    /// Opens a socket that has an address and does not listen yet.
    ///
    /// - Throws: ``SystemError`` that names the address.
    static func bind(to address: SocketAddress, shared: Bool = false) throws(SystemError) -> Int32 {
        let fd = socket(address.family, streamType, 0)
        guard fd >= 0 else { throw SystemError(action: "open a socket") }
        setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1)
        if shared { setOption(fd, SOL_SOCKET, SO_REUSEPORT, 1) }
        let bound = unsafe address.withSystemAddress { unsafe Glibc.bind(fd, $0, $1) }
        guard bound == 0 else {
            let error = SystemError(action: "listen on \(address)")
            Glibc.close(fd)
            throw error
        }
        return fd
    }

    /// Finds out whether an address is free.
    ///
    /// Shared listening sockets of another process would otherwise be joined silently.
    ///
    /// - Throws: ``SystemError`` that names the address.
    package static func checkFree(_ address: SocketAddress) throws(SystemError) {
        close(try listen(on: address, shared: false))
    }

    /// The address that a socket is bound to.
    package static func localAddress(of fd: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(fd, $0, &length) }
        }
        return status == 0 ? SocketAddress(storage: storage, length: length) : nil
    }

    /// Takes one connection off the accept queue, with small writes sent at once.
    package static func accept(on listener: Int32) -> AcceptResult {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let fd = unsafe countersign_accept(listener, &storage, &length)
        guard fd >= 0 else {
            guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) else { return .none }
            // The system takes a descriptor before it looks whether anybody waits.
            var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            return unsafe poll(&waiting, 1, 0) > 0 ? .exhausted : .none
        }
        guard let peer = SocketAddress(storage: storage, length: length) else {
            Glibc.close(fd)
            return .none
        }
        setOption(fd, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        return .connection(fd, peer)
    }

    /// Starts to connect; the socket becomes writable when it is done, and ``pendingError(of:)`` tells how.
    package static func connect(to address: SocketAddress) throws(SystemError) -> Int32 {
        let fd = socket(address.family, streamType, 0)
        guard fd >= 0 else { throw SystemError(action: "open a socket") }
        setOption(fd, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        let status = unsafe address.withSystemAddress { unsafe Glibc.connect(fd, $0, $1) }
        guard status == 0 || errno == EINPROGRESS else {
            let error = SystemError(action: "connect to \(address)")
            Glibc.close(fd)
            throw error
        }
        return fd
    }

    /// The error that an asynchronous connect ended with; 0 when it succeeded.
    package static func pendingError(of fd: Int32) -> Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        let status = unsafe getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &length)
        return status == 0 ? code : errno
    }

    /// Whether bytes have come that were not read.
    package static func hasUnread(_ fd: Int32) -> Bool {
        var byte: UInt8 = 0
        return unsafe recv(fd, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) > 0
    }

    package static func read(_ fd: Int32, into buffer: UnsafeMutableRawBufferPointer) -> TransferResult {
        while true {
            let count = unsafe recv(fd, buffer.baseAddress, buffer.count, 0)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .endOfStream }
            if errno == EINTR { continue }
            return errno == EAGAIN || errno == EWOULDBLOCK ? .wouldBlock : .failed(errno)
        }
    }

    package static func write(_ fd: Int32, _ bytes: UnsafeRawBufferPointer) -> TransferResult {
        while true {
            let count = unsafe send(fd, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return .bytes(count) }
            if errno == EINTR { continue }
            return errno == EAGAIN || errno == EWOULDBLOCK ? .wouldBlock : .failed(errno)
        }
    }

    /// Ends this side's direction; the peer reads an end of stream after the bytes sent before.
    package static func shutdownWriting(_ fd: Int32) {
        _ = Glibc.shutdown(fd, Int32(SHUT_WR))
    }

    /// Closes with a reset, so that the peer cannot take what it got for a complete stream.
    package static func abort(_ fd: Int32) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        Glibc.close(fd)
    }

    package static func close(_ fd: Int32) {
        Glibc.close(fd)
    }

    private static let streamType =
        Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)

    private static func setOption(_ fd: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        unsafe setsockopt(fd, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
