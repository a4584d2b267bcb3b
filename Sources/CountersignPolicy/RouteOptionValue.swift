/// The value of a route option: RFC-0027 allows strings, numbers and booleans, and no nesting.
public enum RouteOptionValue: Hashable, Sendable {
    /// A character string.
    case string(String)
    /// A whole number.
    case integer(Int)
    /// Any other finite number.
    case number(Double)
    /// `true` or `false`.
    case boolean(Bool)

    /// What the value is, in the words of JSON.
    var typeName: String {
        switch self {
        case .string: "string"
        case .integer, .number: "number"
        case .boolean: "boolean"
        }
    }
}

extension RouteOptionValue: ExpressibleByStringLiteral {
    /// A character string.
    public init(stringLiteral value: String) { self = .string(value) }
}

extension RouteOptionValue: ExpressibleByBooleanLiteral {
    /// A boolean.
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
}

extension RouteOptionValue: ExpressibleByIntegerLiteral {
    /// A whole number.
    public init(integerLiteral value: Int) { self = .integer(value) }
}
