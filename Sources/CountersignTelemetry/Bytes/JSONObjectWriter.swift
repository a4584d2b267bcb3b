/// Writes a JSON object member by member.
package struct JSONObjectWriter: ~Copyable {
    private var writer = ByteWriter()
    private var isFirst = true

    /// Renders one object with a line feed behind it.
    ///
    /// - Parameter body: Adds the members; names must not repeat.
    package static func render(_ body: (inout JSONObjectWriter) -> Void) -> [UInt8] {
        var json = JSONObjectWriter()
        json.writer.append(0x7B)
        body(&json)
        json.writer.append("}\n")
        return json.writer.bytes
    }

    /// Adds text.
    package mutating func member(_ name: String, _ value: String) {
        self.begin(name)
        self.writer.append(0x22)
        self.writer.append(escaping: value)
        self.writer.append(0x22)
    }

    /// Adds a number.
    package mutating func member(_ name: String, _ value: Int64) {
        self.begin(name)
        if value < 0 {
            self.writer.append(0x2D)
        }
        self.writer.append(decimal: value.magnitude)
    }

    /// Adds a truth value.
    package mutating func member(_ name: String, _ value: Bool) {
        self.begin(name)
        self.writer.append(value ? "true" : "false")
    }

    /// Adds an object.
    package mutating func object(_ name: String, _ body: (inout JSONObjectWriter) -> Void) {
        self.begin(name)
        self.writer.append(0x7B)
        self.isFirst = true
        body(&self)
        self.isFirst = false
        self.writer.append(0x7D)
    }

    private mutating func begin(_ name: String) {
        if !self.isFirst {
            self.writer.append(0x2C)
        }
        self.isFirst = false
        self.writer.append(0x22)
        self.writer.append(escaping: name)
        self.writer.append("\":")
    }
}
