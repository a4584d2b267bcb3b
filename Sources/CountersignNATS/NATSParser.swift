/// Reads what a server of the bus sends: bytes in, events out.
///
/// Nothing of an event is kept between calls: the caller hands the same bytes in again, with more behind them, until an
/// event moves the offset past them. What is held is bounded by the limits.
package struct NATSParser: Sendable {
    /// The longest content of a message that is taken, in bytes; that of the server's default.
    package static let maximumPayload = 1024 * 1024
    /// The longest line, in bytes; `INFO` lists the servers of a cluster.
    package static let maximumLine = 64 * 1024

    private let payloadLimit: Int
    /// How many bytes of a message that is too large are still to be dropped.
    private var toDrop = 0
    private var violation: NATSViolation?

    /// Makes a parser at the beginning of a connection.
    ///
    /// - Parameter payloadLimit: the longest content of a message that is taken, in bytes.
    package init(payloadLimit: Int = maximumPayload) {
        self.payloadLimit = payloadLimit
    }

    /// Reads one event.
    ///
    /// - Parameters:
    ///   - bytes: what has come and is not used up.
    ///   - offset: where to begin; moved to the end of what the event is made of.
    package mutating func next(_ bytes: Span<UInt8>, from offset: inout Int) -> NATSEvent {
        if let violation { return .violation(violation) }
        if toDrop > 0 {
            let dropped = min(toDrop, bytes.count - offset)
            toDrop -= dropped
            offset += dropped
            if toDrop > 0 { return .needMore }
        }
        guard let line = line(bytes, from: offset) else {
            guard bytes.count - offset <= Self.maximumLine else { return fail(.lineTooLong) }
            return .needMore
        }
        return event(bytes, line, &offset)
    }

    /// The line that begins at an offset, without its end.
    private func line(_ bytes: Span<UInt8>, from offset: Int) -> Range<Int>? {
        var index = offset
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\n") {
                let isPair = index > offset && bytes[index - 1] == UInt8(ascii: "\r")
                return offset..<(isPair ? index - 1 : index)
            }
            index += 1
        }
        return nil
    }

    private mutating func event(_ bytes: Span<UInt8>, _ line: Range<Int>, _ offset: inout Int) -> NATSEvent {
        guard line.count <= Self.maximumLine else { return fail(.lineTooLong) }
        let end = bytes[line.upperBound] == UInt8(ascii: "\r") ? line.upperBound + 2 : line.upperBound + 1
        var fields = FieldReader(line)
        guard let command = fields.next(bytes) else { return fail(.unknownCommand) }
        switch Self.word(bytes, command) {
        case Self.word("MSG"): return message(bytes, &fields, end, &offset)
        case Self.word("PING"):
            offset = end
            return .ping
        case Self.word("PONG"):
            offset = end
            return .pong
        case Self.word("+OK"):
            offset = end
            return .ok
        case Self.word("INFO"):
            offset = end
            return .info(fields.rest(bytes))
        case Self.word("-ERR"):
            offset = end
            return .error(Self.unquoted(bytes, fields.rest(bytes)))
        default: return fail(.unknownCommand)
        }
    }

    private mutating func message(
        _ bytes: Span<UInt8>,
        _ fields: inout FieldReader,
        _ start: Int,
        _ offset: inout Int
    ) -> NATSEvent {
        guard let subject = fields.next(bytes), fields.next(bytes) != nil, let third = fields.next(bytes) else {
            return fail(.malformedMessage)
        }
        let fourth = fields.next(bytes)
        guard fields.next(bytes) == nil, let size = Self.number(bytes, fourth ?? third) else {
            return fail(.malformedMessage)
        }
        guard size <= payloadLimit else {
            toDrop = size + 2
            offset = start
            return .oversized(size)
        }
        let end = start + size
        guard bytes.count >= end + 2 else { return .needMore }
        guard bytes[end] == UInt8(ascii: "\r"), bytes[end + 1] == UInt8(ascii: "\n") else {
            return fail(.unterminatedPayload)
        }
        offset = end + 2
        let reply = fourth == nil ? third.lowerBound..<third.lowerBound : third
        return .message(NATSMessage(subject: subject, reply: reply, payload: start..<end))
    }

    private mutating func fail(_ violation: NATSViolation) -> NATSEvent {
        self.violation = violation
        return .violation(violation)
    }

    /// Up to four letters as one number, in upper case; 0 for more.
    private static func word(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt32 {
        guard range.count <= 4 else { return 0 }
        var word: UInt32 = 0
        for index in range {
            let byte = bytes[index]
            let isSmall = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            word = word << 8 | UInt32(isSmall ? byte - 32 : byte)
        }
        return word
    }

    private static func word(_ text: StaticString) -> UInt32 {
        text.withUTF8Buffer { letters in
            var word: UInt32 = 0
            for index in letters.indices { word = word << 8 | UInt32(unsafe letters[index]) }
            return word
        }
    }

    /// A size in decimal digits; `nil` for anything else, and for one that no machine has.
    private static func number(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        guard !range.isEmpty, range.count <= 10 else { return nil }
        var number = 0
        for index in range {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            number = number * 10 + Int(digit)
        }
        return number
    }

    private static func unquoted(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        let quote = UInt8(ascii: "'")
        guard range.count >= 2, bytes[range.lowerBound] == quote, bytes[range.upperBound - 1] == quote else {
            return range
        }
        return range.lowerBound + 1..<range.upperBound - 1
    }
}

/// Takes a line apart at its spaces and tabs.
private struct FieldReader {
    private var position: Int
    private let end: Int

    init(_ line: Range<Int>) {
        position = line.lowerBound
        end = line.upperBound
    }

    mutating func next(_ bytes: Span<UInt8>) -> Range<Int>? {
        skipSpace(bytes)
        let start = position
        while position < end, !Self.isSpace(bytes[position]) { position += 1 }
        return start < position ? start..<position : nil
    }

    /// What is left, without the space around it.
    mutating func rest(_ bytes: Span<UInt8>) -> Range<Int> {
        skipSpace(bytes)
        var last = end
        while last > position, Self.isSpace(bytes[last - 1]) { last -= 1 }
        return position..<last
    }

    private mutating func skipSpace(_ bytes: Span<UInt8>) {
        while position < end, Self.isSpace(bytes[position]) { position += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}
