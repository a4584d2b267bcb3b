/// What well-known servers make of a path before they act on it, each in its documented order.
enum BackendPath: CaseIterable {
    /// Resolves what stands there literally, decodes then (`java.net.URI.normalize`, then `getPath`).
    case literalFirst
    /// Cuts parameters, decodes once, resolves (Tomcat).
    case parametersFirst
    /// Decodes once, merges slashes, resolves (nginx, Go's ServeMux).
    case decodingFirst
    /// Decodes twice, resolves (a proxy and a server that both decode).
    case decodingTwice
    /// Decodes once, takes backslashes for slashes, resolves (IIS).
    case backslashes
    /// Decodes once, ends at a NUL (anything that hands the path to C).
    case cString

    func read(_ path: String) -> String {
        let path = String(path.prefix { $0 != "?" })
        return switch self {
        case .literalFirst: Self.decode(Self.resolve(path))
        case .parametersFirst: Self.resolve(Self.decode(Self.cut(path)))
        case .decodingFirst: Self.resolve(Self.decode(path))
        case .decodingTwice: Self.resolve(Self.decode(Self.decode(path)))
        case .backslashes: Self.resolve(Self.decode(path).replacing("\\", with: "/"))
        case .cString: Self.resolve(String(Self.decode(path).prefix { $0 != "\0" }))
        }
    }

    private static func cut(_ path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).map { $0.prefix { $0 != ";" } }
            .joined(separator: "/")
    }

    private static func resolve(_ path: String) -> String {
        var segments: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
        }
        return "/" + segments.joined(separator: "/")
    }

    private static func decode(_ path: String) -> String {
        var decoded = ""
        var rest = Substring(path)
        while let first = rest.popFirst() {
            if first == "%", let code = UInt8(rest.prefix(2), radix: 16) {
                decoded.append(Character(Unicode.Scalar(code)))
                rest.removeFirst(2)
            } else {
                decoded.append(first)
            }
        }
        return decoded
    }
}
