/// The text exposition of metrics, parsed strictly: every rule of version 0.0.4 that a scraper could stumble over.
struct Exposition {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    struct Sample: Equatable {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    var kinds: [String: String] = [:]
    var helps: [String: String] = [:]
    var samples: [Sample] = []
    var families: [String] = []

    init(parsing bytes: [UInt8]) throws {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Failure(description: "not UTF-8") }
        guard text.hasSuffix("\n") else { throw Failure(description: "no line feed at the end") }
        var seen: Set<String> = []
        for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("#") {
                try self.comment(line)
            } else {
                let sample = try Self.sample(line)
                guard let family = self.families.last, self.belongs(sample.name, to: family) else {
                    throw Failure(description: "\(sample.name) is not under its type")
                }
                let key = sample.name + sample.labels.sorted { $0.key < $1.key }.description
                guard seen.insert(key).inserted else { throw Failure(description: "\(key) repeats") }
                self.samples.append(sample)
            }
        }
    }

    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        self.samples.first { $0.name == name && $0.labels == labels }?.value
    }

    private func belongs(_ name: String, to family: String) -> Bool {
        guard self.kinds[family] == "histogram" else { return name == family }
        return ["_bucket", "_sum", "_count"].contains { name == family + $0 }
    }

    private mutating func comment(_ line: Substring) throws {
        let parts = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4 else { throw Failure(description: "bad comment: \(line)") }
        let name = String(parts[2])
        switch parts[1] {
        case "HELP":
            guard self.helps[name] == nil else { throw Failure(description: "second HELP of \(name)") }
            self.helps[name] = String(parts[3])
        case "TYPE":
            guard self.kinds[name] == nil, ["counter", "gauge", "histogram"].contains(parts[3]) else {
                throw Failure(description: "bad TYPE: \(line)")
            }
            self.kinds[name] = String(parts[3])
            self.families.append(name)
        default: throw Failure(description: "unknown comment: \(line)")
        }
    }

    private static func sample(_ line: Substring) throws -> Sample {
        var rest = line[...]
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
        guard let first = name.first, !first.isNumber else { throw Failure(description: "no name: \(line)") }
        rest = rest.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest = rest.dropFirst()
            while rest.first != "}" {
                let (label, value, after) = try Self.label(rest)
                guard labels.updateValue(value, forKey: label) == nil else {
                    throw Failure(description: "label \(label) repeats: \(line)")
                }
                rest = after
                if rest.first == "," {
                    rest = rest.dropFirst()
                    guard rest.first != "}" else { throw Failure(description: "comma at the end: \(line)") }
                }
            }
            rest = rest.dropFirst()
        }
        guard rest.first == " ", let value = Self.number(rest.dropFirst()) else {
            throw Failure(description: "no value: \(line)")
        }
        return Sample(name: String(name), labels: labels, value: value)
    }

    private static func label(_ text: Substring) throws -> (name: String, value: String, rest: Substring) {
        let name = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        var rest = text.dropFirst(name.count)
        guard !name.isEmpty, rest.hasPrefix("=\"") else { throw Failure(description: "bad label: \(text)") }
        rest = rest.dropFirst(2)
        var value = ""
        while let character = rest.first, character != "\"" {
            rest = rest.dropFirst()
            guard character == "\\" else {
                value.append(character)
                continue
            }
            guard let escaped = ["\\": "\\", "n": "\n", "\"": "\""][rest.first] else {
                throw Failure(description: "bad escape: \(text)")
            }
            value += escaped
            rest = rest.dropFirst()
        }
        guard rest.first == "\"" else { throw Failure(description: "unterminated label: \(text)") }
        return (String(name), value, rest.dropFirst())
    }

    private static func number(_ text: Substring) -> Double? {
        switch text {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": .nan
        default: text.contains(" ") ? nil : Double(text)
        }
    }
}
