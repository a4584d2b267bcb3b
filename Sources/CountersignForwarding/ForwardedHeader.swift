/// One header field that a writer produced: a name and the bytes of its value.
///
/// The value holds printable ASCII only, so it can be copied into a message head as it is.
public struct ForwardedHeader: Sendable, Hashable {
    /// The field name in the spelling that the format's documents use.
    public let name: String
    /// The field value, without line ends.
    public let value: [UInt8]

    package init(name: String, value: [UInt8]) {
        self.name = name
        self.value = value
    }

    /// Appends `name: value` and CR LF to a message head.
    public func append(to head: inout [UInt8]) {
        head.append(contentsOf: name.utf8)
        head.append(contentsOf: [0x3A, 0x20])
        head.append(contentsOf: value)
        head.append(contentsOf: [0x0D, 0x0A])
    }
}
