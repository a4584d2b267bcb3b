/// Why a route, an endpoint or a domain of the configuration or of a registration was refused.
///
/// Two errors are equal when their codes are. The message repeats configured text, in quotation marks and cut short; it
/// holds nothing secret, as none of these values are.
public struct RoutingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure, fit for a metric label.
    public let code: Code
    /// What is wrong, where, and what would be right.
    public let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }

    /// Compares the codes alone.
    public static func == (left: Self, right: Self) -> Bool {
        left.code == right.code
    }

    /// Hashes the code alone, as equality looks at nothing else.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(code)
    }

    /// A kind of failure; new ones may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case invalidRoute = "invalid_route"
            case duplicateRoute = "duplicate_route"
            case tooManyRoutes = "too_many_routes"
            case invalidEndpoint = "invalid_endpoint"
            case overlappingDomains = "overlapping_domains"
            case invalidPath = "invalid_path"
        }

        private let kind: Kind

        /// A route that is not a host, or `*.` and a host, with an optional path.
        public static let invalidRoute = Self(kind: .invalidRoute)
        /// A route that is there twice.
        public static let duplicateRoute = Self(kind: .duplicateRoute)
        /// More routes than one table holds.
        public static let tooManyRoutes = Self(kind: .tooManyRoutes)
        /// An endpoint that is not a host and a port.
        public static let invalidEndpoint = Self(kind: .invalidEndpoint)
        /// Two domains that both match some host.
        public static let overlappingDomains = Self(kind: .overlappingDomains)
        /// A path of a list that no request could have.
        public static let invalidPath = Self(kind: .invalidPath)

        /// The code as a metric label: lower case, no data of the configuration.
        public var metricLabel: String { kind.rawValue }

        /// The same as ``metricLabel``.
        public var description: String { kind.rawValue }
    }
}
