package import Glibc

/// An IPv4 or IPv6 address with a port, or the path of a Unix socket.
package struct SocketAddress: Sendable {
    private var storage: sockaddr_storage
    private var length: socklen_t

    /// Wraps what the system returned; `nil` for a family other than IPv4, IPv6 and Unix.
    package init?(storage: sockaddr_storage, length: socklen_t) {
        guard [AF_INET, AF_INET6, AF_UNIX].contains(Int32(storage.ss_family)) else { return nil }
        self.storage = storage
        self.length = length
    }

    /// Creates the address of a numeric host, `127.0.0.1` or `::1` without brackets; `nil` when it is not numeric.
    package init?(numericHost host: String, port: UInt16) {
        self.storage = sockaddr_storage()
        var v4 = sockaddr_in()
        var v6 = sockaddr_in6()
        if unsafe inet_pton(AF_INET, host, &v4.sin_addr) == 1 {
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = port.bigEndian
            self.length = socklen_t(MemoryLayout<sockaddr_in>.size)
            unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: v4, as: sockaddr_in.self) }
        } else if unsafe inet_pton(AF_INET6, host, &v6.sin6_addr) == 1 {
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = port.bigEndian
            self.length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: v6, as: sockaddr_in6.self) }
        } else {
            return nil
        }
    }

    /// Creates the address of a Unix socket; `nil` when the path is empty or longer than the system takes (107 bytes).
    package init?(localPath path: String) {
        var local = sockaddr_un()
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, !bytes.contains(0), bytes.count < MemoryLayout.size(ofValue: local.sun_path) else {
            return nil
        }
        local.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &local.sun_path) { unsafe $0.copyBytes(from: bytes) }
        self.storage = sockaddr_storage()
        self.length = socklen_t(MemoryLayout<sockaddr_un>.size)
        unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: local, as: sockaddr_un.self) }
    }

    /// Resolves a host name, blocking; numeric hosts are not looked up.
    ///
    /// - Returns: every address of the name in the resolver's order, without repeats.
    /// - Throws: ``SystemError`` when the name does not resolve.
    package static func resolve(host: String, port: UInt16) throws(SystemError) -> [SocketAddress] {
        if let numeric = SocketAddress(numericHost: host, port: port) { return [numeric] }
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_family = AF_UNSPEC
        var list: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard status == 0, let first = unsafe list else {
            let reason = unsafe gai_strerror(status).map { unsafe String(cString: $0) } ?? "error \(status)"
            throw SystemError(action: "resolve \(host) (\(reason))", code: ENOENT)
        }
        defer { unsafe freeaddrinfo(first) }
        var found: [SocketAddress] = []
        var next = unsafe Optional(first)
        while let info = unsafe next {
            var storage = sockaddr_storage()
            let length = unsafe info.pointee.ai_addrlen
            if let address = unsafe info.pointee.ai_addr, Int(length) <= MemoryLayout<sockaddr_storage>.size {
                unsafe memcpy(&storage, address, Int(length))
                if let parsed = SocketAddress(storage: storage, length: length), !found.contains(parsed) {
                    found.append(parsed)
                }
            }
            unsafe next = unsafe info.pointee.ai_next
        }
        return found
    }

    /// Whether the address is IPv6.
    package var isIPv6: Bool { Int32(storage.ss_family) == AF_INET6 }

    /// Whether it is that of a Unix socket.
    package var isLocal: Bool { Int32(storage.ss_family) == AF_UNIX }

    /// What kind of socket has such addresses.
    var family: Int32 { Int32(storage.ss_family) }

    /// The port, in host order; 0 for a Unix socket.
    package var port: UInt16 {
        if isLocal { return 0 }
        if isIPv6 { return UInt16(bigEndian: read(sockaddr_in6.self).sin6_port) }
        return UInt16(bigEndian: read(sockaddr_in.self).sin_port)
    }

    /// The numeric address without port, IPv6 without brackets; an IPv4 address mapped into IPv6 is shown as IPv4.
    ///
    /// Of a Unix socket it is the path, empty for a peer, which has none.
    package var host: String {
        if isLocal {
            let path = unsafe withUnsafeBytes(of: read(sockaddr_un.self).sun_path) {
                unsafe Array($0.prefix { $0 != 0 })
            }
            return String(decoding: path, as: UTF8.self)
        }
        guard isIPv6 else { return Self.dotted(UInt32(bigEndian: read(sockaddr_in.self).sin_addr.s_addr)) }
        var address = read(sockaddr_in6.self).sin6_addr
        if let mapped = unsafe withUnsafeBytes(of: address, { unsafe Self.mappedAddress($0) }) {
            return Self.dotted(mapped)
        }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        unsafe inet_ntop(AF_INET6, &address, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The IPv4 address that an IPv6 address stands for (RFC 4291 section 2.5.5.2); nil for every other.
    private static func mappedAddress(_ bytes: UnsafeRawBufferPointer) -> UInt32? {
        guard unsafe bytes.prefix(10).allSatisfy({ $0 == 0 }), unsafe bytes[10] == 0xFF, unsafe bytes[11] == 0xFF else {
            return nil
        }
        return unsafe UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
    }

    /// Four numbers with dots; each connection's address is written so, which is why no library is asked.
    private static func dotted(_ address: UInt32) -> String {
        unsafe String(unsafeUninitializedCapacity: 15) { text in
            var count = 0
            func append(_ byte: UInt8) {
                unsafe text[count] = byte
                count += 1
            }
            for position in 0..<4 {
                if position > 0 { append(UInt8(ascii: ".")) }
                let number = UInt8(truncatingIfNeeded: address >> (24 - 8 * position))
                if number >= 100 { append(UInt8(ascii: "0") + number / 100) }
                if number >= 10 { append(UInt8(ascii: "0") + number / 10 % 10) }
                append(UInt8(ascii: "0") + number % 10)
            }
            return count
        }
    }

    /// The 4 or 16 bytes of the address without port, in network byte order; nil for a Unix socket.
    package var networkBytes: [UInt8]? {
        if isLocal { return nil }
        if isIPv6 { return unsafe withUnsafeBytes(of: read(sockaddr_in6.self).sin6_addr) { unsafe Array($0) } }
        return unsafe withUnsafeBytes(of: read(sockaddr_in.self).sin_addr) { unsafe Array($0) }
    }

    /// Calls `body` with the address as the system takes it.
    package func withSystemAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        unsafe withUnsafePointer(to: storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, length) }
        }
    }

    private func read<Value>(_ type: Value.Type) -> Value {
        unsafe withUnsafeBytes(of: storage) { unsafe $0.load(as: type) }
    }
}

extension SocketAddress: Equatable {
    package static func == (left: SocketAddress, right: SocketAddress) -> Bool {
        left.description == right.description
    }
}

extension SocketAddress: CustomStringConvertible {
    /// `host:port`, IPv6 in brackets; `unix:path` for a Unix socket.
    package var description: String {
        if isLocal { return "unix:\(host)" }
        let host = self.host
        return (host.utf8.contains(UInt8(ascii: ":")) ? "[" + host + "]" : host) + ":" + String(port)
    }
}
