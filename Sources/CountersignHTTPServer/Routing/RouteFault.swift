/// Why a router has no handler for a request.
package enum RouteFault: Sendable, Hashable {
    /// No pattern matches the path.
    case notFound
    /// The path is there, the method is not; the value lists those that are, for the Allow field.
    case methodNotAllowed(allow: String)
    /// The path cannot be read in one way only; the value says why.
    case malformedPath(String)

    /// The status that answers it.
    package var status: Int {
        switch self {
        case .notFound: 404
        case .methodNotAllowed: 405
        case .malformedPath: 400
        }
    }

    /// What is wrong, in one line.
    package var explanation: String {
        switch self {
        case .notFound: "404 Not Found: there is nothing at this path"
        case .methodNotAllowed(let allow): "405 Method Not Allowed: use \(allow)"
        case .malformedPath(let reason): "400 Bad Request: \(reason)"
        }
    }
}
