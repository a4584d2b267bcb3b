/// A connection with one request at a time.
final class HTTP1Connection: Connection {
    private enum Phase {
        case handshaking
        case writing(offset: Int)
        case reading(ResponseReader)
        case free
    }

    let socket: any LoadSocket
    private(set) var isFree = false
    private(set) var startedAt: UInt64
    private var phase = Phase.handshaking
    private let request: [UInt8]

    init(socket: any LoadSocket, request: Request, startedAt: UInt64) {
        self.socket = socket
        self.request = request.bytes
        self.startedAt = startedAt
    }

    func start(at time: UInt64) {
        startedAt = time
        isFree = false
        phase = .writing(offset: 0)
    }

    func advance(_ plan: LoadPlan, buffer: UnsafeMutableBufferPointer<UInt8>) throws -> Progress {
        while true {
            switch phase {
            case .handshaking:
                guard try socket.handshake() else { return .waiting }
                phase = .writing(offset: 0)
            case .writing(let offset):
                guard let written = try socket.write(request, from: offset) else { return .waiting }
                let end = offset + written
                phase =
                    end == request.count
                    ? .reading(ResponseReader(expectedBytes: plan.expectedBytes)) : .writing(offset: end)
            case .reading(var reader):
                phase = .free
                guard let bytes = try socket.read(into: buffer) else {
                    phase = .reading(reader)
                    return .waiting
                }
                if try reader.consume(bytes) {
                    isFree = true
                    return .answered
                }
                phase = .reading(reader)
            case .free:
                guard try socket.read(into: buffer) == nil else { throw LoadError("bytes that nothing asked for") }
                return .waiting
            }
        }
    }
}
