package import CountersignTransport

/// Something that happens on an event loop after a time.
package final class LoopTimer: ReadinessHandler {
    private let loop: EventLoop
    private let action: () -> Void
    private var token = HandlerToken.none

    /// Makes a timer that is not running.
    package init(loop: EventLoop, action: @escaping () -> Void) {
        self.loop = loop
        self.action = action
        token = loop.addTimer(self)
    }

    /// Has the action happen once after a time, in place of what was set before.
    package func set(after time: Duration) {
        loop.setDeadline(token, at: loop.now &+ time.nanoseconds)
    }

    /// Never happens: there is no descriptor.
    package func ready(_ readiness: Readiness) {}

    /// Does it.
    package func deadlinePassed() {
        action()
    }

    /// Takes the timer off its loop.
    package func cancel() {
        loop.remove(token)
    }
}
