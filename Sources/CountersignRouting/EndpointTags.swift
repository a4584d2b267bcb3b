/// What is said of an endpoint, name by name, in one allocation.
///
/// There may be hundreds of thousands of endpoints with a dozen tags each, of which requests need two.
public struct EndpointTags: Sendable, Hashable {
    /// Of each tag: the two bytes of its name's length, the name, and the same of its value.
    private let packed: [UInt8]

    /// No tags.
    public static let none = EndpointTags([(String, String)]())

    /// Takes tags in their order; one whose name or value has more than 65,535 bytes is left out.
    public init(_ pairs: some Sequence<(String, String)>) {
        var packed: [UInt8] = []
        for (name, value) in pairs {
            guard let nameCount = UInt16(exactly: name.utf8.count), let valueCount = UInt16(exactly: value.utf8.count)
            else { continue }
            packed += [UInt8(nameCount >> 8), UInt8(nameCount & 0xFF)]
            packed += Array(name.utf8)
            packed += [UInt8(valueCount >> 8), UInt8(valueCount & 0xFF)]
            packed += Array(value.utf8)
        }
        // Appending leaves room for more, which there will not be.
        self.packed = Array(packed[...])
    }

    /// The tags in their order.
    public var pairs: [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        var position = 0
        while position < packed.count {
            let name = text(&position)
            pairs.append((name, text(&position)))
        }
        return pairs
    }

    /// The value of a tag, or `nil` when it is absent.
    public subscript(name: String) -> String? {
        pairs.first { $0.name == name }?.value
    }

    private func text(_ position: inout Int) -> String {
        let count = Int(packed[position]) << 8 | Int(packed[position + 1])
        let start = position + 2
        position = start + count
        return String(decoding: packed[start..<position], as: UTF8.self)
    }
}
