@testable import CountersignPKI

/// A DER encoding as a tree, in which tests change one thing and write it again.
indirect enum EncodingTree {
    /// A field of bytes.
    case bytes(tag: UInt8, [UInt8])
    /// A field of fields.
    case fields(tag: UInt8, [EncodingTree])
    /// An OCTET STRING that holds an encoding.
    case wrapped(EncodingTree)

    init(_ encoding: [UInt8]) throws {
        self.init(try DERField(parsing: encoding))
    }

    private init(_ field: DERField) {
        if field.isConstructed {
            let fields = (try? field.fields(field.tag)).map(Array.init) ?? []
            self = .fields(tag: field.tag, fields.map { EncodingTree($0) })
        } else if field.tag == DERTag.octetString, let inner = try? field.fieldInContent() {
            self = .wrapped(EncodingTree(inner))
        } else {
            self = .bytes(tag: field.tag, Array(field.content))
        }
    }

    var encoded: [UInt8] {
        var writer = DERWriter()
        switch self {
        case .bytes(let tag, let content): writer.field(tag, content: content)
        case .fields(let tag, let fields):
            writer.field(tag) { for field in fields { $0.encoded(field.encoded) } }
        case .wrapped(let tree): writer.field(DERTag.octetString, content: tree.encoded)
        }
        return writer.bytes
    }

    /// Every form of the tree in which `change` has been made to one field of fields.
    func changingEach(_ change: ([EncodingTree]) -> [EncodingTree]) -> [EncodingTree] {
        switch self {
        case .bytes: return []
        case .wrapped(let tree): return tree.changingEach(change).map { .wrapped($0) }
        case .fields(let tag, let fields):
            var changed: [EncodingTree] = [.fields(tag: tag, change(fields))]
            for (position, field) in fields.enumerated() {
                for other in field.changingEach(change) {
                    var all = fields
                    all[position] = other
                    changed.append(.fields(tag: tag, all))
                }
            }
            return changed
        }
    }

    /// The tree with the field that a path of positions leads to replaced; nil removes it.
    func replacing(_ path: [Int], with field: EncodingTree?) -> EncodingTree {
        switch self {
        case .bytes: return self
        case .wrapped(let tree): return .wrapped(tree.replacing(path, with: field))
        case .fields(let tag, var fields):
            guard let first = path.first, fields.indices.contains(first) else { return self }
            if path.count > 1 {
                fields[first] = fields[first].replacing(Array(path.dropFirst()), with: field)
            } else {
                fields.replaceSubrange(first...first, with: field.map { [$0] } ?? [])
            }
            return .fields(tag: tag, fields)
        }
    }

    /// The tree with fields put behind those that a path of positions leads to.
    func appending(_ more: [EncodingTree], at path: [Int]) -> EncodingTree {
        switch self {
        case .bytes: return self
        case .wrapped(let tree): return .wrapped(tree.appending(more, at: path))
        case .fields(let tag, var fields):
            guard let first = path.first else { return .fields(tag: tag, fields + more) }
            fields[first] = fields[first].appending(more, at: Array(path.dropFirst()))
            return .fields(tag: tag, fields)
        }
    }
}
