import CountersignControlModel
import CountersignJSON
import CountersignPKI

/// The lines of a copy on their way to routes: a batch counts when the checksum behind it was found right.
struct ControlCopyReading {
    /// What the batches that count lead to.
    private(set) var position = RoutingPosition()
    /// What the batches that count come to.
    private(set) var content = ControlledContent()

    /// What the lines lead to, counted or not.
    private var ahead = RoutingPosition()
    /// A batch that lacks its checksum yet.
    private var pending: RoutingPosition.Batch?
    private var digest = ContentDigest()

    /// Takes a line of the file.
    ///
    /// - Parameters:
    ///   - bytes: the line without its line feed.
    ///   - isLast: whether no line feed follows.
    /// - Returns: what is wrong with it; nil for the end that a crash has cut off, too.
    mutating func take(_ bytes: ArraySlice<UInt8>, isLast: Bool) -> String? {
        if isLast, Self.isBeginning(bytes) { return nil }
        do throws(JSONError) {
            let text = Array(bytes)
            let object = try JSONObject(try JSONValue(parsing: text), known: nil)
            if try object.requiredString("type") == Self.checkType {
                return end(try object.requiredString("sha256"))
            }
            guard pending == nil else { return "the checksum of the batch before it is missing" }
            guard let line = try RoutingLine.read(text) else { return "it is of no known type" }
            digest.add(text)
            return take(line)
        } catch {
            return "\(error)"
        }
    }

    /// The line with the checksum of a batch.
    ///
    /// - Parameter batch: its lines, each with its line feed.
    static func check(_ batch: [UInt8]) -> [UInt8] {
        var digest = ContentDigest()
        for line in batch.split(separator: UInt8(ascii: "\n")) { digest.add(line) }
        return Array("{\"type\":\"\(checkType)\",\"sha256\":\"\(text(digest))\"}\n".utf8)
    }

    private mutating func take(_ line: RoutingLine) -> String? {
        switch ahead.take(line) {
        case .none: return nil
        case .current: return "it ends no batch"
        case .disorder(let reason): return reason
        case .apply(let batch):
            pending = batch
            return nil
        }
    }

    private mutating func end(_ sum: String) -> String? {
        guard let batch = pending else { return "a checksum follows no batch" }
        guard sum == Self.text(digest) else { return "the checksum of the batch before it is another one" }
        content.apply(batch)
        position = ahead
        pending = nil
        digest = ContentDigest()
        return nil
    }

    /// Whether the bytes are the beginning of a line, and not all of it.
    ///
    /// Only these can be what a crash leaves; anything else behind the last line feed is damage.
    private static func isBeginning(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.prefix(opening.count).elementsEqual(opening.prefix(bytes.count)) else { return false }
        var (depth, isInString, isEscaped) = (0, false, false)
        for byte in bytes {
            guard byte >= 0x20 else { return false }
            if isEscaped {
                isEscaped = false
            } else if isInString {
                isEscaped = byte == UInt8(ascii: "\\")
                isInString = byte != UInt8(ascii: "\"")
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
                if depth == 0 { return false }
            }
        }
        return true
    }

    private static func text(_ digest: ContentDigest) -> String {
        String(Hexadecimal.text(of: digest.bytes).prefix(32))
    }

    private static let checkType = "check"
    private static let opening = Array("{\"type\":\"".utf8)
}
