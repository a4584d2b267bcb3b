package import CountersignRouting
package import CountersignTransport

/// The lines that tell a backend which instance of which application it was taken for, as GoRouter writes them.
///
/// They end the head of a request, as the endpoint is chosen last.
package enum EndpointHeaders {
    /// Writes the lines for an endpoint, and the empty line.
    package static func write(_ endpoint: Endpoint?, to out: ByteQueue) {
        if let instance = endpoint?.instance {
            append("X-Cf-Applicationid: ", instance.application, to: out)
            append("X-Cf-Instanceid: ", instance.id, to: out)
            append("X-Cf-Instanceindex: ", instance.index, to: out)
        }
        out.append("\r\n")
    }

    /// A value that could be anything but one line's is left out: it comes from whoever may register endpoints.
    private static func append(_ name: StaticString, _ value: String?, to out: ByteQueue) {
        guard let value else { return }
        let bytes = value.utf8.span
        guard (1...longest).contains(bytes.count), bytes.indices.allSatisfy({ bytes[$0] > 0x20 && bytes[$0] < 0x7F })
        else { return }
        out.append(name)
        unsafe bytes.withUnsafeBytes { unsafe out.append($0) }
        out.append("\r\n")
    }

    private static let longest = 128
}
