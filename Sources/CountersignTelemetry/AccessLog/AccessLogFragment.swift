/// Fields of the access log that stay the same for many requests, rendered once.
///
/// Make one for a connection (client address, TLS, caller), one for an endpoint (its address) and one for a route's
/// decision (pattern, rule); a record then copies their bytes. Absent fields are left out of JSON.
package struct AccessLogFragment: Sendable {
    /// The form in which the fields are rendered; records of the other form leave the fragment out.
    package let form: AccessLogForm

    /// The fields, rendered, those with a place in the line first: one buffer, as every request refers to three of these.
    private var bytes: [UInt8] = []
    private var positionalEnd = 0

    /// Whether there is a field that has a place in the line; in JSON there never is.
    var hasPositional: Bool { positionalEnd > 0 }

    /// Creates a fragment without fields.
    package init(_ form: AccessLogForm) {
        self.form = form
    }

    /// Adds a field; does nothing when the value is empty.
    ///
    /// - Parameters:
    ///   - key: The field, not added before.
    ///   - value: Its bytes, which need not be UTF-8; more than 4096 are cut.
    package mutating func add(_ key: AccessLogKey, _ value: Span<UInt8>) {
        guard !value.isEmpty else { return }
        var writer = ByteWriter(capacity: value.count + 48)
        writer.append(self.form == .json ? key.jsonLead : key.textLead)
        writer.append(escaping: value, limit: AccessLogConfiguration.fieldLimit)
        writer.append(0x22)
        if self.form == .text, key.isPositional {
            self.bytes.insert(contentsOf: writer.bytes, at: self.positionalEnd)
            self.positionalEnd += writer.bytes.count
        } else {
            self.bytes += writer.bytes
        }
    }

    /// Adds the fields of another fragment of the same form; does nothing when it is of the other.
    package mutating func add(_ other: AccessLogFragment) {
        guard other.form == self.form else { return }
        self.bytes.insert(contentsOf: other.bytes[..<other.positionalEnd], at: self.positionalEnd)
        self.bytes += other.bytes[other.positionalEnd...]
        self.positionalEnd += other.positionalEnd
    }

    /// Writes the field that has a place in the line.
    func appendPositional(to writer: inout ByteWriter) {
        writer.append(bytes.span.extracting(0..<positionalEnd))
    }

    /// Writes the other fields.
    func appendNamed(to writer: inout ByteWriter) {
        writer.append(bytes.span.extracting(positionalEnd...))
    }

    /// Adds a field; does nothing when the value is empty.
    package mutating func add(_ key: AccessLogKey, _ value: String) {
        self.add(key, value.utf8.span)
    }
}
