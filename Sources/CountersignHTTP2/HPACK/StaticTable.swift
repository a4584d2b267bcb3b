/// The fields that both sides know from the start (RFC 7541 appendix A).
struct StaticTable {
    /// Where a field lies in ``bytes``.
    struct Entry {
        let name: Range<Int>
        let value: Range<Int>
    }

    /// Names and values, one behind the other.
    private(set) var bytes: [UInt8] = []
    /// The fields; index 1 of the protocol is the first.
    private(set) var entries: [Entry] = []
    /// By the length of a name: the first index of each name that is so long.
    private var names: [[Int]] = []

    /// The one table that there is.
    static let standard = StaticTable(StaticTable.fields)

    private init(_ fields: [StaticString]) {
        names = [[Int]](repeating: [], count: Self.longestName + 1)
        for field in fields {
            let text = Array(String(describing: field).utf8)
            let separator = text.firstIndex(of: UInt8(ascii: "|")) ?? text.count
            let start = bytes.count
            bytes += text[..<separator]
            let middle = bytes.count
            bytes += text[min(separator + 1, text.count)...]
            let known = index(ofName: text[..<separator])
            entries.append(Entry(name: start..<middle, value: middle..<bytes.count))
            if known == nil { names[separator].append(entries.count) }
        }
    }

    private func index(ofName name: ArraySlice<UInt8>) -> Int? {
        entries.firstIndex { bytes[$0.name].elementsEqual(name) }.map { $0 + 1 }
    }

    /// The first index whose name is that of `range`; nil for none.
    func index(ofName source: Span<UInt8>, _ range: Range<Int>) -> Int? {
        guard range.count < names.count else { return nil }
        for index in names[range.count] where source.holds(bytes, entries[index - 1].name, at: range.lowerBound) {
            return index
        }
        return nil
    }

    /// The index of the whole field, among those that share the name of index `first`; nil for none.
    func index(ofValue source: Span<UInt8>, _ range: Range<Int>, sharingNameOf first: Int) -> Int? {
        let name = entries[first - 1].name
        var index = first
        while index <= entries.count, entries[index - 1].name.count == name.count,
            bytes.span.holds(bytes, entries[index - 1].name, at: name.lowerBound)
        {
            let value = entries[index - 1].value
            if value.count == range.count, source.holds(bytes, value, at: range.lowerBound) { return index }
            index += 1
        }
        return nil
    }

    /// How many fields there are.
    static let count = 61
    private static let longestName = 27

    /// Names and values with a bar between them.
    private static let fields: [StaticString] = [
        ":authority|",
        ":method|GET",
        ":method|POST",
        ":path|/",
        ":path|/index.html",
        ":scheme|http",
        ":scheme|https",
        ":status|200",
        ":status|204",
        ":status|206",
        ":status|304",
        ":status|400",
        ":status|404",
        ":status|500",
        "accept-charset|",
        "accept-encoding|gzip, deflate",
        "accept-language|",
        "accept-ranges|",
        "accept|",
        "access-control-allow-origin|",
        "age|",
        "allow|",
        "authorization|",
        "cache-control|",
        "content-disposition|",
        "content-encoding|",
        "content-language|",
        "content-length|",
        "content-location|",
        "content-range|",
        "content-type|",
        "cookie|",
        "date|",
        "etag|",
        "expect|",
        "expires|",
        "from|",
        "host|",
        "if-match|",
        "if-modified-since|",
        "if-none-match|",
        "if-range|",
        "if-unmodified-since|",
        "last-modified|",
        "link|",
        "location|",
        "max-forwards|",
        "proxy-authenticate|",
        "proxy-authorization|",
        "range|",
        "referer|",
        "refresh|",
        "retry-after|",
        "server|",
        "set-cookie|",
        "strict-transport-security|",
        "transfer-encoding|",
        "user-agent|",
        "vary|",
        "via|",
        "www-authenticate|",
    ]
}
