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
        var builder = Builder()
        for (name, value) in pairs {
            let name = Array(name.utf8)
            let value = Array(value.utf8)
            builder.append(name: name.span, value: value.span)
        }
        self.init(builder)
    }

    /// Takes what a builder has collected.
    public init(_ builder: Builder) {
        // Appending leaves room for more, which there will not be.
        packed = Array(builder.packed[...])
    }

    /// Collects tags from bytes.
    public struct Builder: Sendable {
        fileprivate var packed: [UInt8] = []

        /// Begins without tags.
        public init() {}

        /// Adds a tag; one whose name or value has more than 65,535 bytes is left out.
        ///
        /// - Returns: `false` when there is one of that name already, which stays.
        @discardableResult
        public mutating func append(name: Span<UInt8>, value: Span<UInt8>) -> Bool {
            guard EndpointTags.find(name, in: packed) == nil else { return false }
            guard name.count <= UInt16.max, value.count <= UInt16.max else { return true }
            for text in 0...1 {
                let count = text == 0 ? name.count : value.count
                packed.append(UInt8(truncatingIfNeeded: count >> 8))
                packed.append(UInt8(truncatingIfNeeded: count))
                for index in 0..<count { packed.append(text == 0 ? name[index] : value[index]) }
            }
            return true
        }
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
        let name = Array(name.utf8)
        return Self.find(name.span, in: packed).map { String(decoding: packed[$0], as: UTF8.self) }
    }

    /// Where the value of a tag is.
    private static func find(_ name: Span<UInt8>, in packed: [UInt8]) -> Range<Int>? {
        var position = 0
        while position < packed.count {
            let nameRange = text(at: position, in: packed)
            let valueRange = text(at: nameRange.upperBound, in: packed)
            position = valueRange.upperBound
            guard nameRange.count == name.count else { continue }
            var index = 0
            while index < name.count, packed[nameRange.lowerBound + index] == name[index] { index += 1 }
            if index == name.count { return valueRange }
        }
        return nil
    }

    /// Where the text is whose length is at a position.
    private static func text(at position: Int, in packed: [UInt8]) -> Range<Int> {
        let start = position + 2
        return start..<start + (Int(packed[position]) << 8 | Int(packed[position + 1]))
    }

    private func text(_ position: inout Int) -> String {
        let range = Self.text(at: position, in: packed)
        position = range.upperBound
        return String(decoding: packed[range], as: UTF8.self)
    }
}
