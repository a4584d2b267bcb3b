/// Fields of the access log that stay the same for many requests, rendered once.
///
/// Make one for a connection (client address, TLS, caller), one for an endpoint (its address) and one for a route's
/// decision (pattern, rule); a record then copies their bytes. Absent fields are left out of JSON.
package struct AccessLogFragment: Sendable {
    /// The form in which the fields are rendered; records of the other form leave the fragment out.
    package let form: AccessLogForm

    /// In the text form, the field that has a place in the line, rendered; always empty in JSON.
    private(set) var positional: [UInt8] = []
    /// The other fields, rendered.
    private(set) var named: [UInt8] = []

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
            self.positional += writer.bytes
        } else {
            self.named += writer.bytes
        }
    }

    /// Adds a field; does nothing when the value is empty.
    package mutating func add(_ key: AccessLogKey, _ value: String) {
        self.add(key, value.utf8.span)
    }
}
