import Glibc

/// A counting semaphore of the system, for threads that block.
@safe
package final class SystemSemaphore: @unchecked Sendable {
    // SAFETY: sem_post and sem_wait may be called from any thread; the pointer itself never changes.
    private let pointer: UnsafeMutablePointer<sem_t>

    package init() {
        unsafe pointer = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
        unsafe sem_init(pointer, 0, 0)
    }

    deinit {
        unsafe sem_destroy(pointer)
        unsafe pointer.deallocate()
    }

    package func signal() {
        unsafe sem_post(pointer)
    }

    package func wait(upTo timeout: Duration) -> Bool {
        var deadline = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &deadline)
        let (seconds, attoseconds) = timeout.components
        let nanoseconds = deadline.tv_nsec + Int(attoseconds / 1_000_000_000)
        deadline.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
        deadline.tv_nsec = nanoseconds % 1_000_000_000
        while true {
            if unsafe sem_timedwait(pointer, &deadline) == 0 { return true }
            if errno != EINTR { return false }
        }
    }

    package func wait() {
        while unsafe sem_wait(pointer) != 0 && errno == EINTR {}
    }
}
