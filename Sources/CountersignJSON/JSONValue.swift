/// A JSON document that is written the same way every time: members keep their order, text is escaped.
package enum JSONValue: Sendable, Hashable {
    /// An object; its members are written in this order.
    case object([Member])
    /// An array.
    case array([JSONValue])
    /// A string.
    case string(String)
    /// A whole number.
    case number(Int64)
    /// A number with a fraction or an exponent.
    case fraction(Double)
    /// True or false.
    case bool(Bool)
    /// Null.
    case null

    /// One member of an object.
    package struct Member: Sendable, Hashable {
        /// The member's name.
        package let name: String
        /// The member's value.
        package let value: JSONValue

        /// A member.
        package init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// An array of strings.
    package static func strings(_ values: [String]) -> JSONValue {
        .array(values.map(JSONValue.string))
    }

    /// A string, or null.
    package static func optional(_ value: String?) -> JSONValue {
        value.map(JSONValue.string) ?? .null
    }
}
