import CountersignTransport

/// Every worker's own listening socket on every address, bound before any worker starts, so that an address in use is
/// found at once and nothing is served in part.
struct ListeningSockets: Sendable {
    /// The addresses, with the ports that the system chose for port 0.
    private(set) var addresses: [SocketAddress] = []
    /// Descriptors by worker, then by address.
    private(set) var descriptors: [[Int32]]

    init(addresses wanted: [SocketAddress], workers: Int) throws(SystemError) {
        descriptors = Array(repeating: [], count: workers)
        do {
            for address in wanted {
                try Socket.checkFree(address)
                var bound = address
                for worker in 0..<workers {
                    let descriptor = try Socket.listen(on: bound, shared: true)
                    descriptors[worker].append(descriptor)
                    if worker == 0 { bound = Socket.localAddress(of: descriptor) ?? address }
                }
                addresses.append(bound)
            }
        } catch {
            close(from: 0)
            throw error
        }
    }

    /// Closes the sockets of the workers from that one on, which nobody has taken over.
    func close(from worker: Int) {
        for descriptor in descriptors.dropFirst(worker).joined() { Socket.close(descriptor) }
    }
}
