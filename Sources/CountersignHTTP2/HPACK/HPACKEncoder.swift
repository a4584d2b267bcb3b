/// Encodes header blocks (RFC 7541): fields in, bytes out.
///
/// Strings are written as they are, as Huffman codes cost the sender more time than they save bytes. What is remembered
/// on the other side is what comes again and again; what identifies a user or differs each time never is, so that nothing
/// can be guessed from the size of what is sent (RFC 7541 section 7.1).
struct HPACKEncoder {
    private var table: DynamicTable
    /// A change of the table's size that the next block begins with.
    private var pendingSize: Int?
    /// The least that the table went through since the last block.
    private var leastSize = Int.max
    private let indexes: Bool
    /// Storage for a name in lower case.
    private var spareName: [UInt8] = []

    /// Creates an encoder.
    ///
    /// - Parameter indexes: whether the other side is told to remember fields. Not so where the fields of different
    ///   callers go the same way: by the sizes, one could find out what another sends.
    init(indexes: Bool) {
        self.indexes = indexes
        self.table = DynamicTable(capacity: Self.tableSize)
    }

    /// Takes the size of the other side's table (SETTINGS_HEADER_TABLE_SIZE); no more than 4 KiB of it are used.
    mutating func resize(to offered: Int) {
        let size = min(offered, Self.tableSize)
        guard size != table.capacity else { return }
        table.resize(to: size)
        pendingSize = size
        leastSize = min(leastSize, size)
    }

    /// Writes what has to precede the first field of a block.
    mutating func beginBlock(to output: inout [UInt8]) {
        guard let size = pendingSize else { return }
        if leastSize < size { HPACKInteger.write(leastSize, prefix: 5, first: 0x20, to: &output) }
        HPACKInteger.write(size, prefix: 5, first: 0x20, to: &output)
        pendingSize = nil
        leastSize = .max
    }

    /// Writes `:status`.
    func encode(status: Int, to output: inout [UInt8]) {
        let known =
            switch status {
            case 200: 8
            case 204: 9
            case 206: 10
            case 304: 11
            case 400: 12
            case 404: 13
            case 500: 14
            default: 0
            }
        guard known == 0 else {
            output.append(0x80 | UInt8(known))
            return
        }
        HPACKInteger.write(Self.statusIndex, prefix: 4, first: 0, to: &output)
        output.append(3)
        output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: status / 100 % 10))
        output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: status / 10 % 10))
        output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: status % 10))
    }

    /// Writes a field whose name, in any case, and value lie in `source`.
    mutating func encode(
        _ source: Span<UInt8>,
        name range: Range<Int>,
        value: Range<Int>,
        to output: inout [UInt8]
    ) {
        var name: [UInt8] = []
        swap(&name, &spareName)
        defer { swap(&name, &spareName) }
        name.removeAll(keepingCapacity: true)
        for index in range { name.append(source[index].lowercasedLetter) }
        let known = StaticTable.standard
        let index = known.index(ofName: name.span, 0..<name.count)
        if let index, let whole = known.index(ofValue: source, value, sharingNameOf: index) {
            HPACKInteger.write(whole, prefix: 7, first: 0x80, to: &output)
            return
        }
        let treatment = indexes ? FieldTreatment(name.span, valueLength: value.count) : .literal
        if treatment == .remembered {
            name.append(source, value)
            let parts = (0..<range.count, range.count..<name.count)
            if let place = table.place(of: name.span, name: parts.0, value: parts.1) {
                HPACKInteger.write(StaticTable.count + 1 + place, prefix: 7, first: 0x80, to: &output)
                return
            }
            table.insert(name.span, name: parts.0, value: parts.1)
        }
        let isRemembered = treatment == .remembered
        let first: UInt8 = isRemembered ? 0x40 : treatment == .secret ? 0x10 : 0
        HPACKInteger.write(index ?? 0, prefix: isRemembered ? 6 : 4, first: first, to: &output)
        if index == nil {
            HPACKInteger.write(range.count, prefix: 7, first: 0, to: &output)
            output.append(name.span, 0..<range.count)
        }
        HPACKInteger.write(value.count, prefix: 7, first: 0, to: &output)
        output.append(source, value)
    }

    /// The most that is used of the other side's table.
    static let tableSize = 4096
    private static let statusIndex = 8
}
