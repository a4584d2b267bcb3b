/// An OBJECT IDENTIFIER (ITU-T X.690 section 8.19).
package struct OID: Sendable, Hashable {
    /// The content of its encoding: the arcs in base 128, the first two in one.
    let content: ArraySlice<UInt8>

    /// Takes the content of an encoding; nil when it is none, or has an arc that a word cannot hold.
    init?(content: ArraySlice<UInt8>) {
        // A byte that is not the last of its arc has the first bit set, and no arc begins with zero bits alone.
        var isFirstOfArc = true
        var sizeOfArc = 0
        for byte in content {
            guard !isFirstOfArc || byte != 0x80 else { return nil }
            sizeOfArc = isFirstOfArc ? 1 : sizeOfArc + 1
            guard sizeOfArc <= Self.maximumSizeOfArc else { return nil }
            isFirstOfArc = byte < 0x80
        }
        guard isFirstOfArc, !content.isEmpty else { return nil }
        self.content = content
    }

    /// Reads the dotted form, such as `2.5.29.15`; nil when it is none.
    init?(dotted: String) {
        var arcs: [UInt] = []
        for part in dotted.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard part.first != UInt8(ascii: "+"), let arc = UInt(Substring(part)) else { return nil }
            arcs.append(arc)
        }
        self.init(arcs: arcs)
    }

    private init?(arcs: [UInt]) {
        // The first arc is 0, 1 or 2; below the first two, the second is at most 39.
        guard arcs.count >= 2, arcs[0] <= 2, arcs[0] == 2 || arcs[1] < 40,
            // The first two share one number.
            arcs.allSatisfy({ $0 <= Self.maximumArc - 80 })
        else { return nil }
        var content: [UInt8] = []
        Self.append(arcs[0] * 40 + arcs[1], to: &content)
        for arc in arcs.dropFirst(2) { Self.append(arc, to: &content) }
        self.content = content[...]
    }

    /// The arcs.
    var arcs: [UInt] {
        var arcs: [UInt] = []
        var arc: UInt = 0
        for byte in self.content {
            arc = arc << 7 | UInt(byte & 0x7F)
            guard byte < 0x80 else { continue }
            if arcs.isEmpty {
                let first = min(arc / 40, 2)
                arcs.append(first)
                arc -= first * 40
            }
            arcs.append(arc)
            arc = 0
        }
        return arcs
    }

    /// Base 128, every byte but the last with its first bit set.
    private static func append(_ arc: UInt, to content: inout [UInt8]) {
        var shift = (UInt.bitWidth - arc.leadingZeroBitCount - 1) / 7 * 7
        while shift > 0 {
            content.append(0x80 | UInt8(truncatingIfNeeded: arc >> UInt(shift)))
            shift -= 7
        }
        content.append(UInt8(truncatingIfNeeded: arc & 0x7F))
    }

    // What a word holds: an identifier with a longer arc, such as that of a UUID (ITU-T X.667), is refused.
    private static let maximumSizeOfArc = 9
    private static let maximumArc = UInt(1) << 63 - 1
}

extension OID: ExpressibleByArrayLiteral {
    /// An identifier that this program knows, by its arcs.
    package init(arrayLiteral arcs: UInt...) {
        guard let identifier = OID(arcs: arcs) else { preconditionFailure("\(arcs) is no object identifier") }
        self = identifier
    }
}

extension OID: CustomStringConvertible {
    /// The dotted form.
    package var description: String {
        var text = ""
        for arc in self.arcs {
            if !text.isEmpty { text += "." }
            text += String(arc)
        }
        return text
    }
}
