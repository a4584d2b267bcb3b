public import CountersignPolicy

/// Which kinds of traffic a route takes beside plain requests, and how it hands them on, as its options say.
public struct RouteTraffic: Hashable, Sendable {
    /// What becomes of a request that asks for another protocol on its connection (RFC 9110 section 7.8).
    public enum Upgrades: String, Sendable, Hashable, CaseIterable {
        /// The endpoint is asked, and may switch.
        case allow
        /// The endpoint gets it as a plain request.
        case ignore
        /// It is answered with 403.
        case refuse
    }

    /// What becomes of requests for another protocol.
    public var upgrades = Upgrades.allow
    /// Whether CONNECT opens a tunnel to an endpoint of the route.
    public var allowsTunnels = false
    /// Whether each connection to an endpoint begins with a PROXY protocol header, version 2, that tells of the client.
    public var sendsProxyHeader = false
    /// Whether requests without TLS are taken on permissive listeners; `nil` where the domain says it.
    public var takesPlaintext: Bool?

    /// What a route without options takes.
    public init() {}

    /// Reads the options of a route, leaving out what is not usable.
    ///
    /// - Parameter ignored: receives what was left out, for the log or the operator.
    public init(lenient options: RouteOptions, ignored: inout [PolicyError]) {
        for element in options.elements {
            switch element.name {
            case Self.upgradeOption: readUpgrades(element.value, &ignored)
            case Self.tunnelOption:
                allowsTunnels = Self.boolean(element, &ignored) ?? allowsTunnels
            case Self.proxyProtocolOption: readProxyProtocol(element.value, &ignored)
            case Self.plaintextOption: takesPlaintext = Self.boolean(element, &ignored)
            default: break
            }
        }
    }

    /// The names of the options that are read here.
    public static let optionNames = [upgradeOption, tunnelOption, proxyProtocolOption, plaintextOption]

    /// The names of those that are either true or false.
    public static let booleanOptionNames = [tunnelOption, plaintextOption]

    private mutating func readUpgrades(_ value: RouteOptionValue, _ ignored: inout [PolicyError]) {
        if case .string(let text) = value, let known = Upgrades(rawValue: text) {
            upgrades = known
        } else {
            Self.report(Self.upgradeOption, "allow, ignore or refuse", &ignored)
        }
    }

    private mutating func readProxyProtocol(_ value: RouteOptionValue, _ ignored: inout [PolicyError]) {
        if case .string(let text) = value, text == "v2" || text == "off" {
            sendsProxyHeader = text == "v2"
        } else {
            Self.report(Self.proxyProtocolOption, "v2 or off", &ignored)
        }
    }

    private static func boolean(_ element: RouteOptions.Element, _ ignored: inout [PolicyError]) -> Bool? {
        if case .boolean(let flag) = element.value { return flag }
        report(element.name, "a boolean: true or false, unquoted", &ignored)
        return nil
    }

    private static func report(_ name: String, _ expected: String, _ ignored: inout [PolicyError]) {
        ignored.append(PolicyError(.invalidValue, options: [name], "\(name): it has to be \(expected)"))
    }

    private static let upgradeOption = "upgrade"
    private static let tunnelOption = "tunnel"
    private static let proxyProtocolOption = "proxy_protocol"
    private static let plaintextOption = "plaintext"
}
