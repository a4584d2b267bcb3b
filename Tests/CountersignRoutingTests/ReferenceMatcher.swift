import CountersignRouting

/// The rules of matching as plainly as they can be said, over strings and in the order of every route.
struct ReferenceMatcher {
    let patterns: [RoutePattern]

    func find(_ host: String, _ path: String) -> String? {
        candidates(host).lazy
            .compactMap { candidate in
                patterns.filter { key(of: $0) == candidate && takes($0, path) }.max { $0.path.count < $1.path.count }
            }
            .first?.description
    }

    /// The host, then `*.` and ever fewer of its last labels.
    private func candidates(_ host: String) -> [String] {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        return [host] + labels.indices.dropFirst().map { "*." + labels[$0...].joined(separator: ".") }
    }

    private func key(of pattern: RoutePattern) -> String {
        (pattern.isWildcard ? "*." : "") + pattern.host
    }

    private func takes(_ pattern: RoutePattern, _ path: String) -> Bool {
        let path = path.prefix { $0 != "?" }
        return pattern.path.isEmpty || path == pattern.path || path.hasPrefix(pattern.path + "/")
    }
}
