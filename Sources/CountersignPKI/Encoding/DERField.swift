/// One field of a DER encoding (ITU-T X.690 section 8.1): where its parts lie in the bytes that it was read from.
///
/// All fields of an encoding share its bytes; nothing is copied or kept of a field that nobody asks for.
struct DERField: Sendable {
    /// The identifier octet: the class, whether the field consists of fields, and the number where it is below 31.
    var tag: UInt8 { self.extent.tag }

    /// Whether the field consists of other fields.
    var isConstructed: Bool { self.extent.isConstructed }

    /// The content: what follows the length.
    var content: ArraySlice<UInt8> { self.document[self.extent.contentStart..<self.extent.end] }

    /// The whole field, tag and length included.
    var encoded: ArraySlice<UInt8> { self.document[self.extent.start..<self.extent.end] }

    private let document: [UInt8]
    private let extent: Extent

    /// How deeply fields may stand in one another.
    static let maximumDepth = 50

    /// Reads bytes that are one field and nothing else, all the way down.
    init(parsing document: [UInt8]) throws(EncodingFault) {
        try self.init(document, from: 0, to: document.count)
    }

    /// What the content, which is bytes to the encoding around it, holds: one field, as in an OCTET STRING.
    func fieldInContent() throws(EncodingFault) -> DERField {
        try DERField(self.document, from: self.extent.contentStart, to: self.extent.end)
    }

    /// The one field that this one consists of, as behind an explicit tag (ITU-T X.690 section 8.14).
    func onlyField() throws(EncodingFault) -> DERField {
        var fields = try self.fields(self.tag)
        let field = try fields.next(orFault: .unexpectedField)
        try fields.end()
        return field
    }

    /// The fields that this one consists of.
    ///
    /// - Parameter tag: The tag that it must have; one of a primitive field is no field's that consists of others.
    func fields(_ tag: UInt8 = DERTag.sequence) throws(EncodingFault) -> DERFields {
        guard self.tag == tag, self.isConstructed else { throw .unexpectedField }
        return DERFields(self.document, from: self.extent.contentStart, to: self.extent.end)
    }

    private init(_ document: [UInt8], from start: Int, to end: Int) throws(EncodingFault) {
        let extent = try Extent(in: document, from: start, to: end)
        guard extent.end == end else { throw .brokenRules }
        try Self.check(extent, of: document, depth: 1)
        self.init(document, extent)
    }

    fileprivate init(_ document: [UInt8], _ extent: Extent) {
        self.document = document
        self.extent = extent
    }

    /// Refuses a field in which others are malformed, so that nothing that is read later can be.
    private static func check(_ extent: Extent, of document: [UInt8], depth: Int) throws(EncodingFault) {
        guard extent.isConstructed else { return }
        var position = extent.contentStart
        while position < extent.end {
            guard depth < self.maximumDepth else { throw .brokenRules }
            let field = try Extent(in: document, from: position, to: extent.end)
            try self.check(field, of: document, depth: depth + 1)
            position = field.end
        }
    }

    /// Where a field and its content are.
    fileprivate struct Extent {
        let tag: UInt8
        let start: Int
        let contentStart: Int
        let end: Int

        var isConstructed: Bool { self.tag & 0x20 != 0 }

        /// Reads tag and length of the field at `start`, which ends at `limit` or before.
        init(in document: [UInt8], from start: Int, to limit: Int) throws(EncodingFault) {
            guard start + 1 < limit else { throw .truncated }
            self.start = start
            self.tag = document[start]
            // The end of contents of an indefinite length, which DER does not have.
            guard self.tag & ~0x20 != 0 else { throw .brokenRules }
            let length = document[start + 1]
            if self.tag & 0x1F != 0x1F, length < 0x80 {
                // As nearly all are: one byte each.
                self.contentStart = start + 2
                self.end = start + 2 + Int(length)
            } else {
                var position = start + 1
                if self.tag & 0x1F == 0x1F { try Self.passNumber(in: document, at: &position, limit) }
                let count = try Self.length(in: document, at: &position, limit)
                self.contentStart = position
                self.end = position + count
            }
            guard self.end <= limit else { throw .truncated }
        }

        /// A tag number of 31 and above, in base 128.
        private static func passNumber(
            in document: [UInt8],
            at position: inout Int,
            _ limit: Int
        ) throws(EncodingFault) {
            var number = 0
            repeat {
                guard position < limit else { throw .truncated }
                number = number << 7 | Int(document[position] & 0x7F)
                guard (1...Int(Int32.max)).contains(number) else { throw .brokenRules }
                position += 1
            } while document[position - 1] & 0x80 != 0
            guard number >= 0x1F else { throw .brokenRules }
        }

        private static func length(
            in document: [UInt8],
            at position: inout Int,
            _ limit: Int
        ) throws(EncodingFault) -> Int {
            guard position < limit else { throw .truncated }
            let first = document[position]
            position += 1
            guard first >= 0x80 else { return Int(first) }
            let digits = Int(first & 0x7F)
            guard (1...4).contains(digits) else { throw .length }
            guard digits <= limit - position else { throw .truncated }
            var count = 0
            for _ in 0..<digits {
                count = count << 8 | Int(document[position])
                position += 1
            }
            guard count >= 0x80, count >> (8 * (digits - 1)) != 0 else { throw .length }
            return count
        }
    }
}

/// The fields that another one consists of, read from the first to the last.
struct DERFields: Sequence, IteratorProtocol {
    private let document: [UInt8]
    private var position: Int
    private let limit: Int

    fileprivate init(_ document: [UInt8], from start: Int, to end: Int) {
        self.document = document
        self.position = start
        self.limit = end
    }

    /// The tag of the next field; nil after the last one.
    var nextTag: UInt8? {
        self.position < self.limit ? self.document[self.position] : nil
    }

    /// Reads the next field; nil after the last one.
    mutating func next() -> DERField? {
        // What is malformed was refused when the whole was read.
        guard self.position < self.limit,
            let extent = try? DERField.Extent(in: self.document, from: self.position, to: self.limit)
        else { return nil }
        self.position = extent.end
        return DERField(self.document, extent)
    }

    /// Reads a field that must be there.
    ///
    /// - Parameter fault: What is wrong where it is not.
    mutating func next(orFault fault: EncodingFault) throws(EncodingFault) -> DERField {
        guard let field = self.next() else { throw fault }
        return field
    }

    /// Reads a field that must be there, whatever it is.
    mutating func any() throws(EncodingFault) -> DERField {
        try self.next(orFault: .unexpectedField)
    }

    /// Reads the next field when it has that tag; nil, with nothing read, otherwise.
    mutating func optional(_ tag: UInt8) -> DERField? {
        self.nextTag == tag ? self.next() : nil
    }

    /// Refuses fields that were not read.
    func end() throws(EncodingFault) {
        guard self.position == self.limit else { throw .brokenRules }
    }
}
