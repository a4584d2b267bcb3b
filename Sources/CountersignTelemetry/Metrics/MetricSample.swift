/// The name, labels and time under which a series writes its lines in the text exposition, version 0.0.4.
package struct MetricSample: Sendable {
    /// The metric's name.
    package let name: String
    /// Label names and values, in the order in which they are written.
    package let labels: [(name: String, value: String)]
    /// The time of the reading in nanoseconds since 1970.
    package let now: Int64

    /// Writes a count.
    func write(_ value: UInt64, into writer: inout ByteWriter, suffix: StaticString = "", bound: Double? = nil) {
        self.writeHead(into: &writer, suffix: suffix, bound: bound)
        writer.append(decimal: value)
        writer.append(0x0A)
    }

    /// Writes a count of one value of a closed label.
    func write(_ value: UInt64, into writer: inout ByteWriter, with label: StaticString, _ text: StaticString) {
        self.writeHead(into: &writer, extra: ("\(label)", "\(text)"))
        writer.append(decimal: value)
        writer.append(0x0A)
    }

    /// Writes a level of one value of a closed label.
    func write(_ value: Int64, into writer: inout ByteWriter, with label: StaticString, _ text: StaticString) {
        self.writeHead(into: &writer, extra: ("\(label)", "\(text)"))
        Self.writeSigned(value, into: &writer)
    }

    /// Writes a level.
    func write(_ value: Int64, into writer: inout ByteWriter) {
        self.writeHead(into: &writer)
        Self.writeSigned(value, into: &writer)
    }

    /// Writes a number.
    func write(_ value: Double, into writer: inout ByteWriter, suffix: StaticString = "") {
        self.writeHead(into: &writer, suffix: suffix)
        writer.append(text: Self.text(of: value))
        writer.append(0x0A)
    }

    private func writeHead(
        into writer: inout ByteWriter,
        suffix: StaticString = "",
        bound: Double? = nil,
        extra: (name: String, value: String)? = nil
    ) {
        writer.append(text: self.name)
        writer.append(suffix)
        var labels = self.labels
        if let extra {
            labels.append(extra)
        }
        if let bound {
            labels.append(("le", Self.text(of: bound)))
        }
        for (index, label) in labels.enumerated() {
            writer.append(index == 0 ? "{" : ",")
            Self.write(label, into: &writer)
        }
        writer.append(labels.isEmpty ? " " : "} ")
    }

    private static func write(_ label: (name: String, value: String), into writer: inout ByteWriter) {
        writer.append(text: label.name)
        writer.append("=\"")
        Self.writeEscaped(label.value, quotes: true, into: &writer)
        writer.append("\"")
    }

    private static func writeSigned(_ value: Int64, into writer: inout ByteWriter) {
        if value < 0 {
            writer.append(0x2D)
        }
        writer.append(decimal: value.magnitude)
        writer.append(0x0A)
    }

    /// Writes text with the escapes that the exposition knows: backslash, line feed, and quotes in label values.
    static func writeEscaped(_ text: String, quotes: Bool, into writer: inout ByteWriter) {
        for byte in text.utf8 {
            switch byte {
            case 0x5C: writer.append("\\\\")
            case 0x0A: writer.append("\\n")
            case 0x22 where quotes: writer.append("\\\"")
            default: writer.append(byte)
            }
        }
    }

    private static func text(of value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}
