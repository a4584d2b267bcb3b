import FoundationEssentials
import GRDB

/// A serial number as a key that is compared and hashed without following a pointer.
struct SerialKey: Hashable, Comparable, Sendable {
    private var words: [3 of UInt64] = [0, 0, 0]
    // What is no serial number of RFC 5280, and so is too long for the words.
    private var other: DatabaseValue?

    /// The most bytes that the words hold.
    ///
    /// Their last byte is the length. RFC 5280 section 4.1.2.2 allows serial numbers of 20 bytes.
    private static let capacity = 23

    /// The key of a value of the column `serial`.
    init(_ value: DatabaseValue) {
        guard case .blob(let bytes) = value.storage, bytes.count <= Self.capacity else {
            self.other = value
            return
        }
        for (index, byte) in bytes.enumerated() {
            self.words[index >> 3] |= UInt64(byte) << UInt64(56 - (index & 7) * 8)
        }
        self.words[2] |= UInt64(bytes.count)
    }

    /// The value of the column `serial`.
    var value: DatabaseValue {
        if let other { return other }
        let bytes = (0..<Int(self.words[2] & 0xFF)).map { index in
            UInt8(truncatingIfNeeded: self.words[index >> 3] >> UInt64(56 - (index & 7) * 8))
        }
        return Data(bytes).databaseValue
    }

    static func == (left: SerialKey, right: SerialKey) -> Bool {
        left.words[0] == right.words[0] && left.words[1] == right.words[1] && left.words[2] == right.words[2]
            && left.other == right.other
    }

    /// The order of the table `serials`, save for what is no serial number.
    static func < (left: SerialKey, right: SerialKey) -> Bool {
        for index in 0..<3 where left.words[index] != right.words[index] {
            return left.words[index] < right.words[index]
        }
        return false
    }

    func hash(into hasher: inout Hasher) {
        for index in 0..<3 { hasher.combine(self.words[index]) }
    }
}
