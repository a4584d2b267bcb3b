import Glibc

/// The addresses of the host's network interfaces.
package enum InterfaceAddresses {
    /// Asks the system for all of them, those of loopback included; does not block.
    ///
    /// - Returns: 4 or 16 bytes for each, in network byte order.
    /// - Throws: ``SystemError`` when the system does not tell.
    package static func all() throws(SystemError) -> [[UInt8]] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&list) == 0 else { throw SystemError(action: "list the host's addresses") }
        defer { unsafe freeifaddrs(list) }
        var found: [[UInt8]] = []
        var next = unsafe list
        while let interface = unsafe next {
            if let address = unsafe interface.pointee.ifa_addr, let bytes = unsafe networkBytes(address) {
                found.append(bytes)
            }
            unsafe next = interface.pointee.ifa_next
        }
        return found
    }

    private static func networkBytes(_ address: UnsafeMutablePointer<sockaddr>) -> [UInt8]? {
        var storage = sockaddr_storage()
        let length: Int
        switch unsafe Int32(address.pointee.sa_family) {
        case AF_INET: length = MemoryLayout<sockaddr_in>.size
        case AF_INET6: length = MemoryLayout<sockaddr_in6>.size
        default: return nil
        }
        unsafe memcpy(&storage, address, length)
        return SocketAddress(storage: storage, length: socklen_t(length))?.networkBytes
    }
}
