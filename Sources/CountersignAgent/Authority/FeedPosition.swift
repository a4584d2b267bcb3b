/// How far an agent has followed the authority's feed.
package struct FeedPosition: Sendable, Hashable {
    /// What is being counted: it changes when the authority counts anew.
    package var epoch: String?
    /// The last event that is known.
    package var sequence: Int64 = 0

    /// Nothing is known yet.
    package init() {}

    /// The query by which the feed goes on from here.
    var query: String {
        let safe = epoch.map { $0.utf8.allSatisfy(Self.isUnreserved) } ?? false
        guard let epoch, safe else { return "" }
        return "?after=\(sequence)&epoch=\(epoch)"
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
    }
}
