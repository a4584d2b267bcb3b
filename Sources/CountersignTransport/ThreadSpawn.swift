import CCountersignSystem
import Glibc

/// Runs `body` on a new detached thread of the system.
///
/// The system's tools show the first 15 bytes of `name`.
///
/// - Throws: ``SystemError`` when no thread can be made.
package func spawn(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
    let box = ThreadBody(name: name, body: body)
    let reference = unsafe Unmanaged.passRetained(box)
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var thread = pthread_t()
    let status = unsafe pthread_create(
        &thread,
        &attributes,
        { argument in
            guard let argument = unsafe argument else { return nil }
            let box = unsafe Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue()
            unsafe countersign_name_thread(String(box.name.prefix(15)))
            box.body()
            return nil
        },
        reference.toOpaque()
    )
    guard status == 0 else {
        unsafe reference.release()
        throw SystemError(action: "start the thread \(name)", code: status)
    }
}

private final class ThreadBody: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}
