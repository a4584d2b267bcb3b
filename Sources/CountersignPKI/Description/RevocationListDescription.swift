package import CountersignJSON

/// What a certificate revocation list says, for people and for programs.
///
/// Nothing in it was verified.
package struct RevocationListDescription: Sendable {
    private let list: RevocationList

    /// The most entries that the text form shows.
    package static let maximumShownEntries = 50

    /// Describes a list.
    package init(_ list: RevocationList) {
        self.list = list
    }

    /// The description as lines of text with a final newline; what came from the list cannot add lines.
    package func text(atUnixSeconds now: Int64) -> String {
        var text = "Certificate revocation list\n"
        text += "  Issuer           \(PrintableText.escaped(self.list.issuer.text))\n"
        text += "  Signature        \(self.list.signatureAlgorithm.name)\n"
        text += "  Made at          \(CalendarTime(unixSeconds: self.list.thisUpdate).rfc3339)\n"
        text += "  Next             \(self.next)\(self.list.faultOfTime(now) == nil ? "" : " (not current)")\n"
        if let number = self.list.number { text += "  Number           \(SerialNumber(number).decimal)\n" }
        text += "  Revoked          \(self.list.entries.count) certificates\n"
        for (serial, entry) in self.entries.prefix(Self.maximumShownEntries) {
            let date = CalendarTime(unixSeconds: entry.date).rfc3339
            text += "    0x\(SerialNumber(serial).hexadecimal) at \(date): \(entry.reason.name)\n"
        }
        if self.entries.count > Self.maximumShownEntries {
            text += "    and \(self.entries.count - Self.maximumShownEntries) more\n"
        }
        return text
    }

    /// The description as a JSON object with every entry.
    package var json: JSONValue {
        .object([
            .init("kind", .string("revocation_list")),
            .init("issuer", .string(self.list.issuer.text)),
            .init("signature_algorithm", .string(self.list.signatureAlgorithm.name)),
            .init("this_update", .string(CalendarTime(unixSeconds: self.list.thisUpdate).rfc3339)),
            .init(
                "next_update",
                .optional(self.list.nextUpdate.map { CalendarTime(unixSeconds: $0).rfc3339 })
            ),
            .init("number", .optional(self.list.number.map { SerialNumber($0).decimal })),
            .init(
                "revoked",
                .array(
                    self.entries.map { serial, entry in
                        .object([
                            .init("serial", .string(SerialNumber(serial).decimal)),
                            .init("serial_hex", .string(SerialNumber(serial).hexadecimal)),
                            .init("date", .string(CalendarTime(unixSeconds: entry.date).rfc3339)),
                            .init("reason", .string(entry.reason.name)),
                        ])
                    }
                )
            ),
        ])
    }

    private var next: String {
        self.list.nextUpdate.map { CalendarTime(unixSeconds: $0).rfc3339 } ?? "not said"
    }

    private var entries: [(serial: [UInt8], entry: RevocationEntry)] {
        self.list.entries.sorted {
            $0.key.count == $1.key.count ? $0.key.lexicographicallyPrecedes($1.key) : $0.key.count < $1.key.count
        }
        .map { ($0.key, $0.value) }
    }
}
