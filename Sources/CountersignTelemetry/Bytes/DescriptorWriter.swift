import Glibc

/// Writes lines to a descriptor without waiting longer than it is told.
///
/// A line that was cut off by an error or by a timeout is ended before the next one begins, so that two lines never
/// merge. The process must ignore SIGPIPE.
struct DescriptorWriter: Sendable {
    /// The descriptor; closing it is its owner's business.
    let descriptor: Int32

    private let kind: Kind
    private var isTorn = false

    /// How a write ended.
    enum Result: Sendable, Equatable {
        /// Everything was written.
        case complete
        /// The destination took no more in time.
        case blocked
        /// The system refused, with this error number.
        case failed(Int32)
    }

    private enum Kind: Sendable {
        /// Never blocks for long, and has no use for polling.
        case regular
        /// Takes a flag against blocking with every call.
        case socket
        /// Was opened without blocking.
        case nonBlocking
        /// A pipe or terminal that may block, because others share its flags.
        case other
    }

    /// Looks at what the descriptor is and prepares to write to it.
    ///
    /// - Parameters:
    ///   - descriptor: The descriptor.
    ///   - isNonBlocking: Whether its owner has set `O_NONBLOCK`.
    init(descriptor: Int32, isNonBlocking: Bool = false) {
        self.descriptor = descriptor
        var status = stat()
        let known = unsafe fstat(descriptor, &status) == 0
        self.kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG where known: .regular
            case S_IFSOCK where known: .socket
            default: isNonBlocking ? .nonBlocking : .other
            }
    }

    /// Writes whole lines.
    ///
    /// - Parameters:
    ///   - bytes: The lines, with a line feed at the end.
    ///   - isWritable: Waits until the descriptor can be written to; false gives up. Not asked for regular files.
    mutating func write(_ bytes: Span<UInt8>, isWritable: (Int32) -> Bool) -> Result {
        if self.isTorn {
            let end: [UInt8] = [0x0A]
            let result = self.writeOut(end.span, isWritable: isWritable).result
            guard result == .complete else { return result }
            self.isTorn = false
        }
        let (result, written) = self.writeOut(bytes, isWritable: isWritable)
        self.isTorn = result != .complete && written > 0 && bytes[written - 1] != 0x0A
        return result
    }

    private func writeOut(_ bytes: Span<UInt8>, isWritable: (Int32) -> Bool) -> (result: Result, written: Int) {
        var written = 0
        while written < bytes.count {
            guard self.kind == .regular || isWritable(self.descriptor) else { return (.blocked, written) }
            // A pipe that polls as writable takes PIPE_BUF bytes without blocking, whatever its owner's flags are.
            let length = self.kind == .other ? min(bytes.count - written, 4096) : bytes.count - written
            let count = self.writeOnce(bytes.extracting(written..<(written + length)))
            if count >= 0 {
                written += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN where self.kind != .regular: continue
            default: return (.failed(errno), written)
            }
        }
        return (.complete, written)
    }

    private func writeOnce(_ bytes: Span<UInt8>) -> Int {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            switch self.kind {
            case .socket:
                unsafe send(
                    self.descriptor,
                    buffer.baseAddress,
                    buffer.count,
                    Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
                )
            case .regular, .nonBlocking, .other:
                unsafe Glibc.write(self.descriptor, buffer.baseAddress, buffer.count)
            }
        }
    }
}
