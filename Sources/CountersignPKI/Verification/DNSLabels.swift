/// The labels of a DNS name, lower-case, most specific first.
struct DNSLabels: Equatable {
    /// The labels; a leading wildcard label is not among them.
    let labels: [[UInt8]]

    /// Whether the name began with `*.`.
    let isWildcard: Bool

    /// Takes a name from a certificate: letters, digits, hyphens and underscores, at most 253 bytes, no trailing dot;
    /// a wildcard may stand as the whole first label.
    init?(name: String) {
        var rest = Array(name.utf8)[...]
        self.isWildcard = rest.starts(with: "*.".utf8)
        if self.isWildcard { rest = rest.dropFirst(2) }
        guard let labels = Self.split(rest), !labels.isEmpty else { return nil }
        self.labels = labels
    }

    /// Takes a base of a constraint; the empty one contains every name.
    init?(constraint: String) {
        self.isWildcard = false
        guard let labels = Self.split(Array(constraint.utf8)[...]) else { return nil }
        self.labels = labels
    }

    /// Whether every name that this stands for lies within `base`.
    func isWithin(_ base: DNSLabels) -> Bool {
        self.labels.count >= base.labels.count && self.labels.suffix(base.labels.count).elementsEqual(base.labels)
    }

    /// Whether some name that this stands for lies within `base`.
    func overlaps(_ base: DNSLabels) -> Bool {
        if self.isWithin(base) { return true }
        // `*.example.com` stands for `host.example.com`, too.
        return self.isWildcard && base.labels.count == self.labels.count + 1
            && base.labels.dropFirst().elementsEqual(self.labels)
    }

    private static func split(_ text: ArraySlice<UInt8>) -> [[UInt8]]? {
        guard text.count <= 253 else { return nil }
        guard !text.isEmpty else { return [] }
        var labels: [[UInt8]] = []
        for label in text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard !label.isEmpty, label.count <= 63, label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-")
            else { return nil }
            var lowered: [UInt8] = []
            for byte in label {
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): lowered.append(byte | 0x20)
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"), UInt8(ascii: "_"):
                    lowered.append(byte)
                default: return nil
                }
            }
            labels.append(lowered)
        }
        return labels
    }
}
