package import CountersignGRPC
package import CountersignTransport
package import CountersignWorkload

/// Calls of a Workload API, the agent's or any other.
package enum WorkloadClient {
    /// Where an API is (SPIFFE Workload Endpoint section 4).
    ///
    /// - Parameters:
    ///   - text: `unix:` and an absolute path, with or without two slashes before it, or `tcp://` with an IP address and a
    ///     port; nil for what the environment says.
    ///   - environment: the values of environment variables.
    /// - Throws: `WorkloadError`.
    package static func address(
        _ text: String?,
        environment: (String) -> String?
    ) throws(WorkloadError) -> SocketAddress {
        let variable = WorkloadMethod.addressVariable
        guard let text = text ?? environment(variable), !text.isEmpty else {
            throw WorkloadError("there is no Workload API to ask: give its socket, or set \(variable)")
        }
        if text.hasPrefix("tcp://"), let address = network(text.dropFirst("tcp://".count)) { return address }
        if text.hasPrefix("unix:") {
            let rest = text.dropFirst("unix:".count)
            let path = rest.hasPrefix("//") ? rest.dropFirst(2) : rest
            if !path.isEmpty, let address = SocketAddress(localPath: String(path)) { return address }
        }
        throw WorkloadError("expected unix:///path/of/a.sock (at most 107 bytes) or tcp://IP:port as the Workload API")
    }

    /// Begins a call.
    ///
    /// - Throws: `GRPCStatus`.
    package static func call(
        _ path: String,
        at address: SocketAddress,
        message: [UInt8] = [],
        timeout: Duration? = nil
    ) throws(GRPCStatus) -> GRPCClientCall {
        try GRPCClientCall(
            path,
            at: address,
            fields: [(name: WorkloadMethod.securityField, value: "true")],
            message: message,
            timeout: timeout
        )
    }

    private static func network(_ text: Substring) -> SocketAddress? {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        return SocketAddress(numericHost: String(host), port: port)
    }
}
