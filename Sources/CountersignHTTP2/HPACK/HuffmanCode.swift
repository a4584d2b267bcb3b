/// The Huffman code of HPACK (RFC 7541 appendix B), made from the lengths of its codes.
///
/// The code is canonical: codes of one length follow one another in the order of their symbols, and a longer code begins
/// behind the last shorter one. So the lengths say everything.
struct HuffmanCode {
    /// What the next bits stand for when the code is short: the symbol in the low byte, the code's length above it; 0 for
    /// a longer code.
    private(set) var short = [UInt16](repeating: 0, count: 1 << HuffmanCode.shortBits)
    /// The symbols in the order of their codes.
    private var symbols: [UInt16] = []
    /// By length: the first code, the place of its symbol in ``symbols``, and how many there are.
    private var first = [UInt32](repeating: 0, count: HuffmanCode.longest + 1)
    private var place = [Int](repeating: 0, count: HuffmanCode.longest + 1)
    private var count = [UInt32](repeating: 0, count: HuffmanCode.longest + 1)

    /// The one code that there is.
    static let standard = HuffmanCode(lengths: HuffmanCode.lengths)

    /// Codes of up to as many bits are found with one look.
    static let shortBits = 9
    /// The length of the longest code.
    static let longest = 30
    /// The symbol that may not stand in a string; a prefix of its code, all ones, fills the last byte.
    static let endOfString: UInt16 = 256

    private init(lengths: [UInt8]) {
        var code: UInt32 = 0
        for length in 1...Self.longest {
            code <<= 1
            first[length] = code
            place[length] = symbols.count
            for (symbol, its) in lengths.enumerated() where Int(its) == length {
                symbols.append(UInt16(symbol))
                fillShort(code, length, UInt16(symbol))
                code += 1
            }
            count[length] = code - first[length]
        }
    }

    private mutating func fillShort(_ code: UInt32, _ length: Int, _ symbol: UInt16) {
        guard length <= Self.shortBits else { return }
        let free = Self.shortBits - length
        let start = Int(code) << free
        for index in start..<start + (1 << free) { short[index] = UInt16(length) << 8 | symbol }
    }

    /// The symbol whose code begins `bits`, which holds 32 of them with the next one on top, and its length; nil for none.
    func long(_ bits: UInt32) -> (symbol: UInt16, length: Int)? {
        for length in Self.shortBits + 1...Self.longest {
            let code = bits >> UInt32(32 - length)
            let offset = code &- first[length]
            if code >= first[length], offset < count[length] { return (symbols[place[length] + Int(offset)], length) }
        }
        return nil
    }

    private static let lengths: [UInt8] = [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
        28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
        5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
        7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
        6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
        24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
        21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
        19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
        26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30,
    ]
}
