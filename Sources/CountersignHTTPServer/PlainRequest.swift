/// A request to a server on loopback, whole in memory.
package struct PlainRequest: Sendable {
    /// The method as sent.
    package var method: String
    /// The path without its query.
    package var path: String
    /// What follows `?`; empty when there is no query.
    package var query: String
    /// Header fields in their order, names as sent.
    package var fields: [(name: String, value: String)]
    /// The content, at most ``PlainHTTPServer/maximumBody`` bytes.
    package var body: [UInt8]

    /// The first field of that name, compared without case.
    package func field(_ name: String) -> String? {
        let wanted = name.lowercased()
        return fields.first { $0.name.lowercased() == wanted }?.value
    }
}
