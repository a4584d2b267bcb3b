#define _GNU_SOURCE 1

#include "CCountersignSystem.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MAX_EVENTS = 256 };

int countersign_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int countersign_epoll_add(int epoll_fd, int fd, uint64_t token) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.u64 = token}};
    return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

int countersign_epoll_add_listener(int epoll_fd, int fd, uint64_t token) {
    struct epoll_event event = {.events = EPOLLIN, .data = {.u64 = token}};
    return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

int countersign_epoll_remove(int epoll_fd, int fd) { return epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, 0); }

int countersign_epoll_wait(int epoll_fd, countersign_event *events, int capacity, int timeout_ms) {
    struct epoll_event ready[MAX_EVENTS];
    int count = epoll_wait(epoll_fd, ready, capacity < MAX_EVENTS ? capacity : MAX_EVENTS, timeout_ms);
    for (int i = 0; i < count; i++) {
        uint32_t flags = ready[i].events;
        uint32_t readiness = 0;
        if (flags & EPOLLIN) readiness |= COUNTERSIGN_READABLE;
        if (flags & EPOLLOUT) readiness |= COUNTERSIGN_WRITABLE;
        if (flags & EPOLLRDHUP) readiness |= COUNTERSIGN_HANG_UP | COUNTERSIGN_READABLE;
        if (flags & (EPOLLHUP | EPOLLERR)) readiness |= COUNTERSIGN_BROKEN | COUNTERSIGN_HANG_UP | COUNTERSIGN_READABLE;
        events[i].token = ready[i].data.u64;
        events[i].readiness = readiness;
    }
    return count;
}

int countersign_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int countersign_memory_file(void) { return memfd_create("countersign", MFD_CLOEXEC); }

int countersign_accept(int fd, void *address, uint32_t *length) {
    return accept4(fd, (struct sockaddr *)address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int countersign_peer_credentials(int fd, int32_t *process, uint32_t *user, uint32_t *group) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
    *process = credentials.pid;
    *user = credentials.uid;
    *group = credentials.gid;
    return 0;
}

// Newer than the headers of some systems whose kernel has it.
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

int countersign_peer_process(int fd) {
    int process = -1;
    socklen_t length = sizeof process;
    return getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &process, &length) == 0 ? process : -1;
}

void countersign_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int countersign_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int countersign_inotify_create(void) { return inotify_init1(IN_CLOEXEC); }

int countersign_inotify_watch_folder(int fd, const char *path, int content) {
    uint32_t mask = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF;
    if (content) mask |= IN_CLOSE_WRITE | IN_ATTRIB;
    return inotify_add_watch(fd, path, mask | IN_ONLYDIR | IN_MASK_ADD);
}

int countersign_inotify_watch_opens(int fd, const char *path) { return inotify_add_watch(fd, path, IN_OPEN); }
int countersign_inotify_forget(int fd, int watch) { return inotify_rm_watch(fd, watch); }

#ifndef COUNTERSIGN_COMMIT
#define COUNTERSIGN_COMMIT ""
#endif

const char *countersign_commit(void) { return COUNTERSIGN_COMMIT; }
