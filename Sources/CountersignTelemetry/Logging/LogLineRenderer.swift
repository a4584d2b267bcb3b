import Logging

/// Writes one log line; a pure function of its arguments.
struct LogLineRenderer: Sendable {
    /// The form of the line.
    let form: LogForm

    /// How deep metadata may nest before the rest is left out.
    private static var depthLimit: Int { 8 }
    /// The largest number of bytes of one value that a line shows.
    private static var valueLimit: Int { 8192 }
    /// Names that a line gives itself; metadata under them gets an underscore.
    private static let reserved: Set<String> = ["time", "level", "logger", "message", "error", "error_type"]

    /// Writes a line with its line feed.
    func append(
        _ event: LogEvent,
        label: String,
        metadata: Logger.Metadata,
        time: Int64,
        to writer: inout ByteWriter
    ) {
        var timestamps = TimestampRenderer()
        switch self.form {
        case .json:
            writer.append("{\"time\":\"")
            timestamps.append(time, to: &writer)
            writer.append("\",\"level\":\"")
            writer.append(text: event.level.rawValue)
            writer.append("\",\"logger\":\"")
            writer.append(escaping: label)
            writer.append("\",\"message\":")
            self.append(text: event.message.description, to: &writer)
        case .text:
            timestamps.append(time, to: &writer)
            writer.append(0x20)
            writer.append(text: event.level.rawValue.uppercased())
            writer.append(0x20)
            writer.append(escaping: label, for: .bare)
            writer.append(": ")
            let message = event.message.description
            writer.append(escaping: LogRedaction.isSecret(value: message) ? "\(LogRedaction.replacement)" : message)
        }
        if let error = event.error {
            self.append(name: "error", to: &writer)
            self.append(text: "\(error)", to: &writer)
            self.append(name: "error_type", to: &writer)
            self.append(text: "\(type(of: error))", to: &writer)
        }
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            self.append(name: Self.reserved.contains(key) ? "_\(key)" : key, to: &writer)
            self.append(value, under: key, depth: 0, to: &writer)
        }
        writer.append(self.form == .json ? "}\n" : "\n")
    }

    private func append(name: String, to writer: inout ByteWriter) {
        switch self.form {
        case .json:
            writer.append(",\"")
            writer.append(escaping: name)
            writer.append("\":")
        case .text:
            writer.append(0x20)
            writer.append(escaping: name, for: .bare)
            writer.append(0x3D)
        }
    }

    private func append(
        _ value: Logger.Metadata.Value,
        under key: String,
        depth: Int,
        to writer: inout ByteWriter
    ) {
        guard !LogRedaction.isSecret(key: key), depth < Self.depthLimit else {
            writer.append(0x22)
            writer.append(depth < Self.depthLimit ? LogRedaction.replacement : "...")
            writer.append(0x22)
            return
        }
        switch value {
        case .string(let text):
            self.append(text: text, to: &writer)
        case .stringConvertible(let value):
            self.append(value, to: &writer)
        case .array(let values):
            self.append(values, under: key, depth: depth, to: &writer)
        case .dictionary(let values):
            self.append(values, depth: depth, to: &writer)
        }
    }

    private func append(
        _ values: [Logger.Metadata.Value],
        under key: String,
        depth: Int,
        to writer: inout ByteWriter
    ) {
        writer.append(0x5B)
        for (index, value) in values.enumerated() {
            if index > 0 {
                writer.append(0x2C)
            }
            self.append(value, under: key, depth: depth + 1, to: &writer)
        }
        writer.append(0x5D)
    }

    private func append(_ values: Logger.Metadata, depth: Int, to writer: inout ByteWriter) {
        writer.append(0x7B)
        for (index, (key, value)) in values.sorted(by: { $0.key < $1.key }).enumerated() {
            writer.append(index > 0 ? ",\"" : "\"")
            writer.append(escaping: key)
            writer.append("\":")
            self.append(value, under: key, depth: depth + 1, to: &writer)
        }
        writer.append(0x7D)
    }

    /// Writes integers and truth values as such, everything else as text.
    private func append(_ value: any CustomStringConvertible, to writer: inout ByteWriter) {
        switch value {
        case let number as any FixedWidthInteger: writer.append(text: "\(number)")
        case let truth as Bool: writer.append(truth ? "true" : "false")
        default: self.append(text: value.description, to: &writer)
        }
    }

    private func append(text: String, to writer: inout ByteWriter) {
        writer.append(0x22)
        if LogRedaction.isSecret(value: text) {
            writer.append(LogRedaction.replacement)
        } else {
            writer.append(escaping: text.utf8.span, limit: Self.valueLimit)
        }
        writer.append(0x22)
    }
}
