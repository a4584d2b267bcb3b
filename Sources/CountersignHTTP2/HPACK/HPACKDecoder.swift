/// Decodes header blocks (RFC 7541): bytes in, fields out; keeps what the other side has told it to remember.
struct HPACKDecoder {
    private var table: DynamicTable
    /// The largest table that was offered to the other side.
    private let maxTableSize: Int

    /// Creates a decoder with an empty table.
    init(maxTableSize: Int) {
        self.maxTableSize = maxTableSize
        self.table = DynamicTable(capacity: maxTableSize)
    }

    /// Decodes a whole block, from `start` up to `end`, into `block`, which is emptied first.
    mutating func decode(
        _ bytes: Span<UInt8>,
        from start: Int,
        to end: Int,
        into block: inout FieldBlock
    ) throws(HPACKFault) {
        block.removeAll()
        var offset = start
        var sizeUpdates = 0
        var sawField = false
        while offset < end {
            let first = bytes[offset]
            if first & 0x80 != 0 {
                try decodeIndexed(bytes, &offset, end, &block)
                sawField = true
            } else if first & 0xE0 == 0x20 {
                sizeUpdates += 1
                // A sender needs two at most: the least that it went through, and what it came to.
                guard !sawField, sizeUpdates <= 2 else { throw .unexpectedSizeUpdate }
                try updateSize(bytes, &offset, end)
            } else {
                try decodeLiteral(bytes, &offset, end, isIndexed: first & 0x40 != 0, &block)
                sawField = true
            }
            guard !block.isExcessive else { throw .excessiveExpansion }
        }
    }

    private mutating func updateSize(_ bytes: Span<UInt8>, _ offset: inout Int, _ end: Int) throws(HPACKFault) {
        let size = try HPACKInteger.read(bytes, &offset, end: end, prefix: 5)
        guard size <= maxTableSize else { throw .unexpectedSizeUpdate }
        table.resize(to: size)
    }

    private mutating func decodeIndexed(
        _ bytes: Span<UInt8>,
        _ offset: inout Int,
        _ end: Int,
        _ block: inout FieldBlock
    ) throws(HPACKFault) {
        let index = try HPACKInteger.read(bytes, &offset, end: end, prefix: 7)
        let start = block.bytes.count
        guard index > 0 else { throw .unknownIndex }
        if index <= StaticTable.count {
            let known = StaticTable.standard
            let entry = known.entries[index - 1]
            block.bytes.append(known.bytes.span, entry.name.lowerBound..<entry.value.upperBound)
            block.endField(start: start, nameEnd: start + entry.name.count)
            return
        }
        guard let entry = table.entry(at: index - StaticTable.count - 1) else { throw .unknownIndex }
        let length = entry.end - entry.start
        guard length <= block.room else {
            block.endField(start: start, nameEnd: start, missing: length)
            return
        }
        block.bytes.append(table.bytes.span, entry.start..<entry.end)
        block.endField(start: start, nameEnd: start + entry.nameEnd - entry.start)
    }

    private mutating func decodeLiteral(
        _ bytes: Span<UInt8>,
        _ offset: inout Int,
        _ end: Int,
        isIndexed: Bool,
        _ block: inout FieldBlock
    ) throws(HPACKFault) {
        let index = try HPACKInteger.read(bytes, &offset, end: end, prefix: isIndexed ? 6 : 4)
        let start = block.bytes.count
        // A field that is remembered has to be read whole, whatever becomes of it; it is not longer than its block.
        if index == 0 {
            try readString(bytes, &offset, end, &block.bytes)
        } else if index <= StaticTable.count {
            let known = StaticTable.standard
            block.bytes.append(known.bytes.span, known.entries[index - 1].name)
        } else {
            guard let entry = table.entry(at: index - StaticTable.count - 1) else { throw .unknownIndex }
            block.bytes.append(table.bytes.span, entry.start..<entry.nameEnd)
        }
        let nameEnd = block.bytes.count
        try readString(bytes, &offset, end, &block.bytes)
        if isIndexed {
            table.insert(block.bytes.span, name: start..<nameEnd, value: nameEnd..<block.bytes.count)
        }
        block.endField(start: start, nameEnd: nameEnd)
    }

    private func readString(
        _ bytes: Span<UInt8>,
        _ offset: inout Int,
        _ end: Int,
        _ output: inout [UInt8]
    ) throws(HPACKFault) {
        guard offset < end else { throw .truncated }
        let isHuffman = bytes[offset] & 0x80 != 0
        let length = try HPACKInteger.read(bytes, &offset, end: end, prefix: 7)
        guard length <= end - offset else { throw .truncated }
        if isHuffman {
            // The shortest code has five bits, so a string is less than twice as long as its code.
            try HuffmanDecoder.decode(bytes, offset..<offset + length, into: &output)
        } else {
            output.append(bytes, offset..<offset + length)
        }
        offset += length
    }
}
