import CNIOBoringSSL
import CountersignTransport
import Glibc

/// The library's side of a session's wire: it reads from the bytes last fed and writes into the output queue.
///
/// Reading from a borrowed buffer and writing into the loop's queue saves the two copies and the idle memory of
/// buffers inside the session.
@safe
struct TLSChannel {
    var input = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    let output: ByteQueue

    init(output: ByteQueue) {
        self.output = output
    }

    /// Makes the library's handle for a channel that outlives it.
    static func makeBIO(_ channel: UnsafeMutablePointer<TLSChannel>) -> OpaquePointer? {
        guard let method = unsafe channelMethod, let bio = unsafe BIO_new(method) else { return nil }
        unsafe BIO_set_data(bio, channel)
        unsafe BIO_set_init(bio, 1)
        return unsafe bio
    }

    fileprivate mutating func take(_ destination: UnsafeMutableRawPointer, _ count: Int) -> Int {
        let moved = unsafe min(count, input.count)
        guard moved > 0, let source = unsafe input.baseAddress else { return 0 }
        unsafe memcpy(destination, source, moved)
        unsafe input = UnsafeRawBufferPointer(rebasing: input[moved...])
        return moved
    }
}

private func channel(of bio: OpaquePointer?) -> UnsafeMutablePointer<TLSChannel>? {
    unsafe BIO_get_data(bio)?.assumingMemoryBound(to: TLSChannel.self)
}

// The method table is made once and lives as long as the process, as every session's BIO points to it.
nonisolated(unsafe) private let channelMethod: OpaquePointer? = {
    // SAFETY: written once by this initialiser, read-only afterwards.
    guard let method = unsafe BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "countersign") else {
        return nil
    }
    unsafe BIO_meth_set_read(method) { bio, destination, count in
        unsafe BIO_clear_retry_flags(bio)
        guard let channel = unsafe channel(of: bio), let destination = unsafe destination, count > 0 else { return -1 }
        let moved = unsafe channel.pointee.take(destination, Int(count))
        if moved == 0 {
            unsafe BIO_set_retry_read(bio)
            return -1
        }
        return Int32(moved)
    }
    unsafe BIO_meth_set_write(method) { bio, source, count in
        unsafe BIO_clear_retry_flags(bio)
        guard let channel = unsafe channel(of: bio), let source = unsafe source, count > 0 else { return -1 }
        unsafe channel.pointee.output.append(UnsafeRawBufferPointer(start: source, count: Int(count)))
        return count
    }
    unsafe BIO_meth_set_ctrl(method) { _, command, _, _ in
        command == BIO_CTRL_FLUSH ? 1 : 0
    }
    return unsafe method
}()
