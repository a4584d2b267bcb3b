/// What the Connection fields of one head say (RFC 9110 section 7.6.1).
struct ConnectionOptions {
    /// Whether `close` is among the options.
    private(set) var close = false

    /// Whether `keep-alive` is among them.
    private(set) var keepAlive = false

    /// The known kinds of field that are nominated, by ``FieldKind/bit``.
    private var kinds: UInt32 = 0

    /// The names of the other fields that are nominated; storage is kept from head to head.
    private var names: [ByteRange] = []

    private var count = 0

    /// The most options that one head may name; each of them is compared with each field of the head.
    static var maxOptions: Int { 32 }

    /// Forgets the last head.
    @inline(__always)
    mutating func reset() {
        close = false
        keepAlive = false
        kinds = 0
        count = 0
        if !names.isEmpty {
            names.removeAll(keepingCapacity: true)
        }
    }

    /// Adds the options of one Connection field.
    mutating func add(_ bytes: Span<UInt8>, _ value: ByteRange) throws(ScanInterruption) {
        var offset = value.start
        while offset < value.end {
            guard bytes[offset] != .comma, !bytes[offset].isWhitespace else {
                offset &+= 1
                continue
            }
            let option = ByteRange(start: offset, end: min(bytes.endOfToken(from: offset), value.end))
            guard !option.isEmpty else {
                throw .violation(.malformedConnection, at: offset)
            }
            try add(bytes, option: option)
            offset = option.end
            while offset < value.end, bytes[offset].isWhitespace {
                offset &+= 1
            }
            guard offset == value.end || bytes[offset] == .comma else {
                throw .violation(.malformedConnection, at: offset)
            }
        }
    }

    /// Marks the fields that are nominated.
    @inline(__always)
    func mark(_ bytes: Span<UInt8>, in fields: inout [HeaderField]) {
        guard kinds != 0 || !names.isEmpty else {
            return
        }
        var index = 0
        while index < fields.count {
            let kind = fields[index].kind
            if kind == .other ? nominates(bytes, fields[index].name) : kinds & kind.bit != 0 {
                fields[index].isConnectionNominated = true
            }
            index &+= 1
        }
    }

    private mutating func add(_ bytes: Span<UInt8>, option: ByteRange) throws(ScanInterruption) {
        count &+= 1
        guard count <= Self.maxOptions else {
            throw .violation(.tooManyConnectionOptions, at: option.start)
        }
        let kind = FieldKind(bytes, name: option)
        guard !kind.isFramingOrRouting else {
            throw .violation(.nominatedFramingField, at: option.start)
        }
        guard kind == .other else {
            keepAlive = keepAlive || kind == .keepAlive
            kinds |= kind.bit
            return
        }
        if option.count == 5, bytes.word(at: option.start).prefix(5).caseFolded == ByteWord("close").caseFolded {
            close = true
        } else {
            names.append(option)
        }
    }

    @inline(__always)
    private func nominates(_ bytes: Span<UInt8>, _ name: ByteRange) -> Bool {
        for option in names where bytes.equalIgnoringCase(option, name) {
            return true
        }
        return false
    }
}
