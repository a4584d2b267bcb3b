/// Lengths of time as the Vault API has them: whole seconds, or a text of days, hours, minutes and seconds.
enum VaultDuration {
    /// Reads `3600`, `"3600"`, `"72h"`, `"2160h0m0s"` or `"30d"`.
    ///
    /// - Returns: the seconds, 1 to a hundred years; nil when the text is anything else.
    static func seconds(_ text: String) -> Int64? {
        if text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            return Int64(text).flatMap { (1...longest).contains($0) ? $0 : nil }
        }
        if text.hasSuffix("d"), let days = Int64(text.dropLast()), text.utf8.first != UInt8(ascii: "+") {
            return (1...longest / 86_400).contains(days) ? days * 86_400 : nil
        }
        return GoDuration.seconds(text)
    }

    private static let longest: Int64 = 100 * 366 * 86_400
}
