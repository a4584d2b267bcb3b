/// Revocation lists as an authority hands them out, and whose they may be; nothing of it is verified.
package struct OfferedRevocationLists: Sendable, Equatable {
    /// The lists in PEM.
    package var lists: [UInt8]
    /// Intermediate authorities that may have signed some of them, in PEM; empty for none.
    package var intermediates: [UInt8]

    package init(lists: [UInt8], intermediates: [UInt8]) {
        self.lists = lists
        self.intermediates = intermediates
    }
}
