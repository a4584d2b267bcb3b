/// Where a Workload API is.
package enum WorkloadAPIPlace: Hashable, Sendable {
    /// On the Unix socket at this path.
    case socket(String)
    /// Where the environment's `SPIFFE_ENDPOINT_SOCKET` says.
    case environment
}

extension WorkloadAPIPlace {
    /// Reads `unix:` and a path, or `environment`.
    static func read(_ value: ValueReader) -> WorkloadAPIPlace? {
        if case .scalar(let scalar) = value.node.content, scalar.text == "environment" { return .environment }
        return AgentSection.readSocket(value).map { .socket($0) }
    }
}
