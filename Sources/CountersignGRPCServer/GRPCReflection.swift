import CountersignGRPC
package import CountersignProtobuf

/// Server reflection: tells callers which services there are and what their messages look like (`grpc.reflection.v1`, and
/// `v1alpha`, which is the same by another name).
package struct GRPCReflection: Sendable {
    private let files: [String: [UInt8]]
    private let fileOfSymbol: [String: String]
    private let services: [String]

    /// - Parameter files: what is told, with all that they import.
    package init(_ files: [ProtobufFileDescription]) {
        self.files = Dictionary(files.map { ($0.name, $0.bytes) }) { first, _ in first }
        let symbols = files.flatMap { file in file.symbols.map { ($0, file.name) } }
        fileOfSymbol = Dictionary(symbols) { first, _ in first }
        services = files.flatMap(\.serviceNames) + Self.names
    }

    /// Adds the methods.
    ///
    /// - Parameters:
    ///   - methods: where they are added.
    ///   - admit: says whether a call is let in; one that is not, it has ended.
    package func add(to methods: inout GRPCMethods, admit: @escaping @Sendable (GRPCCall) -> Bool) {
        for name in Self.names {
            methods.addStream("/\(name)/ServerReflectionInfo") { call in
                ReflectionHandler(call, admit(call) ? self : nil)
            }
        }
    }

    private static let names = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"]

    /// Answers a `ServerReflectionRequest`.
    func answer(_ request: [UInt8]) throws(ProtobufError) -> [UInt8] {
        var writer = ProtobufWriter()
        var reader = ProtobufReader(request)
        var answer: Answer?
        while let field = try reader.next() {
            switch field.number {
            case 1: writer.write(1, try field.text())
            case 3: answer = file(try field.text())
            case 4:
                let symbol = try field.text()
                answer = fileOfSymbol[symbol].map(file) ?? .failed(.notFound, "there is no symbol \(symbol)")
            case 5, 6: answer = .failed(.notFound, "there are no extensions")
            case 7: answer = .services
            default: break
            }
        }
        writer.writeAlways(2, request)
        write(answer ?? .failed(.invalidArgument, "the request asks for nothing that is known"), to: &writer)
        return writer.bytes
    }

    private enum Answer {
        case file([UInt8])
        case services
        case failed(GRPCStatus.Code, String)
    }

    private func file(_ name: String) -> Answer {
        files[name].map { .file($0) } ?? .failed(.notFound, "there is no file \(name)")
    }

    private func write(_ answer: Answer, to writer: inout ProtobufWriter) {
        switch answer {
        case .file(let bytes): writer.message(4) { $0.writeAlways(1, bytes) }
        case .services:
            writer.message(6) { list in
                for service in services { list.message(1) { $0.write(1, service) } }
            }
        case .failed(let code, let message):
            writer.message(7) { error in
                error.write(1, Int64(code.rawValue))
                error.write(2, message)
            }
        }
    }
}

/// One conversation: each question is answered at once.
private final class ReflectionHandler: GRPCRequestHandler {
    private let call: GRPCCall
    private let reflection: GRPCReflection?

    init(_ call: GRPCCall, _ reflection: GRPCReflection?) {
        self.call = call
        self.reflection = reflection
    }

    func receive(_ message: [UInt8]) {
        guard let reflection else { return }
        do throws(ProtobufError) {
            call.send(try reflection.answer(message))
        } catch {
            call.finish(GRPCStatus(.invalidArgument, "\(error)"))
        }
    }

    func requestEnded() {
        call.finish(.ok)
    }
}
