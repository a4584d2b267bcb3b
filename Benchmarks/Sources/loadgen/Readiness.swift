import CEpoll
import Glibc

/// The sockets of a load, and which of them have something new; edge-triggered.
struct Readiness {
    private let descriptor: Int32
    private var events = [epoll_event](repeating: epoll_event(), count: 256)

    init() throws {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw LoadError.system("epoll_create1") }
    }

    func add(_ socket: Int32, slot: Int) throws {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        event.data.u64 = UInt64(slot)
        guard epoll_ctl(descriptor, EPOLL_CTL_ADD, socket, &event) == 0 else { throw LoadError.system("epoll_ctl") }
    }

    /// Waits at most the given time and appends the slots whose socket changed.
    mutating func wait(nanoseconds: UInt64, into slots: inout [Int]) throws {
        var timeout = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        let count = epoll_pwait2(descriptor, &events, Int32(events.count), &timeout, nil)
        guard count >= 0 || errno == EINTR else { throw LoadError.system("epoll_pwait2") }
        for event in events.prefix(max(0, Int(count))) {
            slots.append(Int(event.data.u64))
        }
    }
}
