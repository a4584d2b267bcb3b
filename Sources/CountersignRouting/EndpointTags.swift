/// What is said of an endpoint, name by name, in one allocation.
///
/// There may be hundreds of thousands of endpoints with a dozen tags each, of which requests need two.
public struct EndpointTags: Sendable, Hashable {
    /// Of each tag: the two bytes of its name's length, the name, and the same of its value.
    private let packed: [UInt8]

    /// The most tags that an endpoint may have: each is compared with those before it.
    public static let maximumCount = 256

    /// No tags.
    public static let none = EndpointTags([(String, String)]())

    /// Takes tags in their order; one whose name or value has more than 65,535 bytes is left out.
    public init(_ pairs: some Sequence<(String, String)>) {
        var builder = Builder()
        for (name, value) in pairs {
            builder.append(name: name.utf8.span, value: value.utf8.span)
        }
        self.init(builder)
    }

    /// Takes what a builder has collected.
    public init(_ builder: Builder) {
        // Appending leaves room for more, which there will not be; an array of a slice would keep it.
        packed = builder.packed.isEmpty ? [] : unsafe builder.packed.withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// Collects tags from bytes.
    public struct Builder: Sendable {
        fileprivate var packed: [UInt8] = []
        private let capacity: Int
        /// How many tags there are.
        public private(set) var count = 0

        /// Begins without tags.
        ///
        /// - Parameter capacity: how many bytes the tags are going to have, about.
        public init(capacity: Int = 0) {
            self.capacity = capacity
        }

        /// Adds a tag; one whose name or value has more than 65,535 bytes is left out.
        ///
        /// - Returns: `false` when there is one of that name already, which stays.
        @discardableResult
        public mutating func append(name: Span<UInt8>, value: Span<UInt8>) -> Bool {
            guard EndpointTags.find(name, in: packed) == nil else { return false }
            guard name.count <= UInt16.max, value.count <= UInt16.max else { return true }
            if packed.isEmpty { packed.reserveCapacity(capacity) }
            append(name)
            append(value)
            count += 1
            return true
        }

        private mutating func append(_ text: Span<UInt8>) {
            packed.append(UInt8(truncatingIfNeeded: text.count >> 8))
            packed.append(UInt8(truncatingIfNeeded: text.count))
            packed.append(text)
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
        Self.find(name.utf8.span, in: packed).map { String(decoding: packed[$0], as: UTF8.self) }
    }

    /// Where the value of a tag is.
    private static func find(_ name: Span<UInt8>, in packed: [UInt8]) -> Range<Int>? {
        var position = 0
        while position < packed.count {
            let nameRange = text(at: position, in: packed)
            let valueRange = text(at: nameRange.upperBound, in: packed)
            position = valueRange.upperBound
            if packed.span.extracting(nameRange).isEqual(to: name) { return valueRange }
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
