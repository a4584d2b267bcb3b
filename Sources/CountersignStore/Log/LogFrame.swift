import CountersignIssuance

/// A good frame.
struct LogFrame {
    /// Its number.
    var number: Int64
    /// How many entries its content holds.
    var entries: Int
    /// The entries' bytes.
    var content: ArraySlice<UInt8>

    /// The entries.
    ///
    /// - Throws: `newerSchema` when there is one that this version does not know.
    func decode() throws(StoreError) -> [LogEntry] {
        var decoded: [LogEntry] = []
        var index = self.content.startIndex
        while index < self.content.endIndex {
            guard let entry = LogEntry(self.content, at: &index) else {
                throw StoreError(
                    .newerSchema,
                    "record \(self.number) of the issuance log is of a newer version of the program; run that one"
                )
            }
            decoded.append(entry)
        }
        return decoded
    }
}
