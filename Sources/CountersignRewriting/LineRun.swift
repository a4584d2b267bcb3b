import CountersignHTTP1
import CountersignTransport

/// Lines of a head that follow each other and go on as they came, so that they are copied at once.
struct LineRun {
    private var range = ByteRange.empty

    /// Adds a line; where it does not follow the last one, those before it are written.
    mutating func add(_ line: ByteRange, in bytes: UnsafeRawBufferPointer, to out: ByteQueue) {
        if line.start != range.end {
            unsafe write(in: bytes, to: out)
            range = line
        } else {
            range.end = line.end
        }
    }

    /// Writes the lines that have been added and not written.
    func write(in bytes: UnsafeRawBufferPointer, to out: ByteQueue) {
        unsafe out.append(UnsafeRawBufferPointer(rebasing: bytes[range.start..<range.end]))
    }
}
